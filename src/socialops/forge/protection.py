"""What protects the repository on GitHub, and what does not: read through the API, and said plainly.

A protection is claimed only when GitHub showed it. What this token may not see is said to be unseen, and what the
owner's plan has not is said to be missing; neither is taken for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from socialops.errors import HttpError, NetworkError, NotAllowed, TryLater
from socialops.forge.github import PLAN, segment
from socialops.publishing.watchdog import Finding, Level

if TYPE_CHECKING:
    from socialops.forge.github import GitHub

ENVIRONMENT = "publish"
"""The environment whose secrets the publishing job uses."""
_MORE_RIGHTS = (
    "Run it once with a token of your own that may read this repository's administration: "
    "GITHUB_TOKEN=… socialops doctor"
)
_RULES = (
    "Settings → Rules → Rulesets → New branch ruleset, target {branch}: Require a pull request before merging, with an "
    "approval and a review from Code Owners; Require status checks to pass; Block force pushes; Restrict deletions."
)
_KEEP = "Settings → Rules → Rulesets → New branch ruleset, target {branch}: Block force pushes; Restrict deletions."
_PAYS = "On GitHub Free, private repositories have no such thing; GitHub Pro and Team have it, and public repositories."
_ENVIRONMENTS = "Settings → Environments"
_ACTIONS = "Settings → Actions → General"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one question brought: a *value*, or *why* there is none: absent, hidden, plan."""

    value: Any = None
    why: str = ""

    def part(self, *names: str) -> Any:
        """Return what stands under these names, one inside the other; None when it does not."""
        found = self.value
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found


def protections(github: GitHub, *, main: str, data: str) -> Iterator[Finding]:
    """Tell what protects the branches *main* and *data* (empty: there is none), the secrets and the jobs.

    When GitHub does not answer, or refuses the token, that is the last finding.
    """
    try:
        home = _ask(github, "")
        if home.why:
            yield Finding(
                "repository",
                Level.WRONG,
                f"{github.place.repository} cannot be seen with this token",
                "Look whether GITHUB_REPOSITORY, or forge_url, is right, and whether the token may read it.",
            )
            return
        private = home.part("private") is not False
        yield Finding("repository", Level.FINE, f"{github.place.repository} is {'private' if private else 'public'}")
        for look in _looks(github, main, data, private, home):
            yield from look()
    except (NetworkError, HttpError) as error:
        yield Finding("GitHub", Level.WRONG, error.message, error.hint)


def _looks(
    github: GitHub, main: str, data: str, private: bool, home: Seen
) -> Sequence[Callable[[], Iterator[Finding]]]:
    return (
        lambda: _branch(github, main),
        lambda: _data_branch(github, data),
        lambda: _owners(github),
        lambda: _environment(github, main, private),
        lambda: _permissions(github),
        lambda: _forks(github, private),
        lambda: _scanning(home, private),
    )


def _ask(github: GitHub, path: str) -> Seen:
    """Ask one question; raises TryLater, HttpError, or NotAllowed for a token that is no good at all."""
    try:
        found = github.get(path, doing="read this")
    except TryLater:
        raise
    except NotAllowed as error:
        if error.code == "401":
            raise
        return Seen(why="plan" if error.code == PLAN else "hidden")
    except NetworkError:
        return Seen(why="hidden")
    return Seen(why="absent") if found is None else Seen(found)


def _unseen(subject: str, what: str) -> Finding:
    return Finding(subject, Level.UNSEEN, f"{what}: this token may not see it", _MORE_RIGHTS)


# --- branches -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Guard:
    """What holds for a branch. Where something is *hidden*, what is not here may hold all the same."""

    pull: bool
    owners: bool
    reviews: int
    checks: bool
    keeps: bool
    """Whether its history can neither be rewritten nor deleted."""
    hidden: bool = False
    no_plan: bool = False
    """Whether the plan of the repository's owner has no rules for branches."""


def _rules(github: GitHub, branch: str) -> Seen:
    """Return the rules of rulesets that hold for a branch, by their type."""
    try:
        listed = list(github.pages(f"/rules/branches/{segment(branch)}", doing="read rules"))
    except NotAllowed as error:
        if error.code == "401":
            raise
        return Seen(why="plan" if error.code == PLAN else "hidden")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for rule in listed:
        found.setdefault(str(rule.get("type")), []).append(_mapping(rule.get("parameters")))
    return Seen(found)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _guard(github: GitHub, branch: str) -> _Guard:
    """Return what holds for a branch, of rulesets and of the older branch protection together."""
    rules, older = _rules(github, branch), _ask(github, f"/branches/{segment(branch)}")
    named = rules.value or {}
    pulls = named.get("pull_request", [])
    guard = _Guard(
        pull=bool(pulls),
        owners=any(pull.get("require_code_owner_review") is True for pull in pulls),
        reviews=max((_number(pull.get("required_approving_review_count")) for pull in pulls), default=0),
        checks="required_status_checks" in named,
        keeps="non_fast_forward" in named and "deletion" in named,
        hidden=rules.why == "hidden" or older.why == "hidden",
        no_plan=rules.why == "plan",
    )
    if older.part("protected") is not True or (guard.pull and guard.owners and guard.checks and guard.keeps):
        return guard
    found = _ask(github, f"/branches/{segment(branch)}/protection")
    if found.why:
        # GitHub says "not found" to those who may not look, too; and calls a branch protected that rules protect.
        return replace(guard, hidden=found.why == "hidden" or not named)
    reviews = _mapping(found.part("required_pull_request_reviews"))
    return replace(
        guard,
        pull=guard.pull or bool(reviews),
        owners=guard.owners or reviews.get("require_code_owner_reviews") is True,
        reviews=max(guard.reviews, _number(reviews.get("required_approving_review_count"))),
        checks=guard.checks or isinstance(found.part("required_status_checks"), dict),
        keeps=guard.keeps or not any(found.part(name, "enabled") for name in ("allow_force_pushes", "allow_deletions")),
        no_plan=False,
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _branch(github: GitHub, branch: str) -> Iterator[Finding]:
    guard = _guard(github, branch)
    subject, hint = f"branch {branch}", _RULES.format(branch=branch)
    if guard.no_plan:
        message = "this plan has no rules for branches: whoever may write can publish without a review"
        yield Finding(subject, Level.WARNING, message, _PAYS)
        return
    if guard.pull and guard.owners and guard.reviews:
        count = "an approval" if guard.reviews == 1 else f"{guard.reviews} approvals"
        yield Finding(subject, Level.FINE, f"a pull request, {count} and the code owners' review are needed")
    elif guard.hidden:
        yield _unseen(subject, "who may change it, and how")
    elif not guard.pull:
        message = "nothing asks for a pull request: whoever may write can publish without a review"
        yield Finding(subject, Level.WARNING, message, hint)
    elif not guard.reviews:
        yield Finding(subject, Level.WARNING, "a pull request is needed, but nobody's approval", hint)
    else:
        message = "an approval is needed, but not that of the code owners, who approve by brand/team.yml"
        yield Finding(subject, Level.WARNING, message, hint)
    yield _kept(f"history of {branch}", guard, hint, "it can be rewritten, or the branch deleted")
    if guard.checks:
        yield Finding("required checks", Level.FINE, "a pull request is merged only when its checks passed")
    elif guard.hidden:
        yield _unseen("required checks", "whether a pull request must pass its checks")
    else:
        message = "a pull request can be merged though `socialops check` found errors in it"
        yield Finding("required checks", Level.WARNING, message, hint)


def _kept(subject: str, guard: _Guard, hint: str, lacking: str) -> Finding:
    if guard.keeps:
        return Finding(subject, Level.FINE, "it can be neither rewritten nor deleted")
    if guard.hidden:
        return _unseen(subject, "whether it can be rewritten or deleted")
    return Finding(subject, Level.WARNING, lacking, hint)


def _data_branch(github: GitHub, branch: str) -> Iterator[Finding]:
    """Tell whether the branch of the record is safe, and whether the job can push to it at all."""
    if not branch:
        return
    guard, subject = _guard(github, branch), f"branch {branch}"
    if guard.no_plan:
        message = "this plan has no rules for branches: the record of what was published can be rewritten or deleted"
        yield Finding(subject, Level.WARNING, message, f"{_PAYS} Publishing stops when it happens.")
    elif guard.pull:
        message = "it asks for pull requests, so the job cannot push what it published, and publishes nothing"
        yield Finding(subject, Level.WRONG, message, f"Settings → Rules: leave {branch} out of that rule.")
    else:
        lacking = "the record of what was published can be rewritten or deleted; publishing stops when it happens"
        yield _kept(subject, guard, _KEEP.format(branch=branch), lacking)


def _owners(github: GitHub) -> Iterator[Finding]:
    found = _ask(github, "/codeowners/errors")
    if found.why == "absent":
        message = "there is no CODEOWNERS file: nobody is asked for a review"
        yield Finding("code owners", Level.WARNING, message, "Write it from brand/team.yml: socialops team --write")
        return
    if found.why:
        yield _unseen("code owners", "whether GitHub understands CODEOWNERS")
        return
    errors = [error for error in found.part("errors") or () if isinstance(error, dict)]
    if not errors:
        yield Finding("code owners", Level.FINE, "GitHub understands every line of CODEOWNERS")
        return
    lines = ", ".join(str(_number(error.get("line"))) for error in errors[:5])
    yield Finding(
        "code owners",
        Level.WRONG,
        f"GitHub does not understand CODEOWNERS in line {lines}, and asks nobody for a review there",
        "Look whether each person and team exists and may write; correct brand/team.yml, then: socialops team --write",
    )


# --- secrets and jobs -----------------------------------------------------------------------------------------------


def _environment(github: GitHub, main: str, private: bool) -> Iterator[Finding]:
    subject = f"environment {ENVIRONMENT}"
    found = _ask(github, f"/environments/{ENVIRONMENT}")
    hint = f"{_ENVIRONMENTS} → New environment → {ENVIRONMENT} → Deployment branches and tags → Selected: {main}."
    if found.why == "hidden":
        yield _unseen(subject, "which branches may use the secrets")
        return
    if found.why:
        more = " This plan may have none: private repositories have them with GitHub Pro, Team or Enterprise."
        message = "there is none: a workflow on any branch can use the repository's secrets"
        yield Finding(subject, Level.WARNING, message, f"{hint}{more if private else ''} Then store the secrets there.")
        return
    policy = found.part("deployment_branch_policy")
    if not isinstance(policy, dict):
        message = "a workflow on any branch may use its secrets"
        yield Finding(subject, Level.WARNING, message, hint)
    elif policy.get("protected_branches"):
        yield Finding(subject, Level.FINE, "only protected branches may use its secrets")
    else:
        yield from _policies(github, subject, main, hint)
    yield _reviewers(found, private)


def _policies(github: GitHub, subject: str, main: str, hint: str) -> Iterator[Finding]:
    path = f"/environments/{ENVIRONMENT}/deployment-branch-policies"
    found = _ask(github, path)
    if found.why:
        yield _unseen(subject, "which branches may use its secrets")
        return
    listed = found.part("branch_policies") or ()
    names = sorted({str(one.get("name", "")) for one in listed if isinstance(one, dict)})
    if names == [main]:
        yield Finding(subject, Level.FINE, f"only {main} may use its secrets")
    elif not names:
        yield Finding(subject, Level.WRONG, "no branch may use its secrets, so nothing is published", hint)
    else:
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        level = Level.WARNING if main in names else Level.WRONG
        yield Finding(subject, level, f"these branches may use its secrets: {shown}", hint)


def _reviewers(environment: Seen, private: bool) -> Finding:
    rules = [rule for rule in environment.part("protection_rules") or () if isinstance(rule, dict)]
    asked = [rule for rule in rules if rule.get("type") == "required_reviewers"]
    if not asked:
        plan = "; in private repositories only GitHub Enterprise has that" if private else ""
        return Finding("release by hand", Level.FINE, f"none: what is merged is published by itself{plan}")
    if any(rule.get("prevent_self_review") is not True for rule in asked):
        message = "a person releases each run, and may be the one who started it"
        return Finding(
            "release by hand", Level.WARNING, message, f"{_ENVIRONMENTS} → {ENVIRONMENT}: Prevent self-review."
        )
    return Finding("release by hand", Level.FINE, "another person releases each run")


def _permissions(github: GitHub) -> Iterator[Finding]:
    found, general = _ask(github, "/actions/permissions/workflow"), _ask(github, "/actions/permissions")
    if found.why:
        yield _unseen("rights of jobs", "what a job may do that does not say it")
    elif found.part("default_workflow_permissions") != "read":
        message = "a job that does not say what it needs may write everything"
        yield Finding("rights of jobs", Level.WARNING, message, f"{_ACTIONS} → Workflow permissions: Read.")
    elif found.part("can_approve_pull_request_reviews") is not False:
        message = "jobs may approve pull requests, in place of a person"
        hint = f"{_ACTIONS}: switch off Allow GitHub Actions to create and approve pull requests."
        yield Finding("rights of jobs", Level.WARNING, message, hint)
    else:
        yield Finding("rights of jobs", Level.FINE, "a job that does not say what it needs may read only")
    if general.why:
        yield _unseen("actions", "which actions jobs may use")
    elif general.part("enabled") is False:
        yield Finding(
            "actions", Level.WRONG, "Actions are switched off, so nothing is published", f"{_ACTIONS}: Allow."
        )
    elif general.part("sha_pinning_required") is True:
        yield Finding("actions", Level.FINE, "they must be named by their full commit")
    else:
        hint = f"{_ACTIONS}: Require actions to be pinned to a full-length commit SHA."
        yield Finding("actions", Level.WARNING, "a workflow may name one by a tag, which can be moved", hint)


def _forks(github: GitHub, private: bool) -> Iterator[Finding]:
    subject = "pull requests of forks"
    kind = "fork-pr-workflows-private-repos" if private else "fork-pr-contributor-approval"
    found = _ask(github, f"/actions/permissions/{kind}")
    if found.why:
        yield _unseen(subject, "whose workflows are run without asking")
    elif private:
        yield _private_forks(found, subject)
    elif found.part("approval_policy") == "all_external_contributors":
        yield Finding(subject, Level.FINE, "a person allows each workflow of a stranger")
    else:
        hint = f"{_ACTIONS} → Approval for running fork pull request workflows: all external contributors."
        yield Finding(subject, Level.WARNING, "workflows of some strangers are run without asking", hint)


def _private_forks(found: Seen, subject: str) -> Finding:
    dangers = {
        "send_secrets_and_variables": "they are given the secrets",
        "send_write_tokens_to_workflows": "they are given a token that may write",
    }
    if found.part("run_workflows_from_fork_pull_requests") is not True:
        return Finding(subject, Level.FINE, "they start no workflow")
    given = [words for name, words in dangers.items() if found.part(name) is True]
    if given:
        hint = f"{_ACTIONS} → Fork pull request workflows: switch off sending write tokens and secrets."
        return Finding(subject, Level.WRONG, " and ".join(given), hint)
    return Finding(subject, Level.FINE, "they are given no secrets, and a token that may read only")


def _scanning(home: Seen, private: bool) -> Iterator[Finding]:
    if not isinstance(home.part("security_and_analysis"), dict):
        yield _unseen("secret scanning", "whether a secret in a commit is found")
        return
    on = {
        name: home.part("security_and_analysis", name, "status") == "enabled"
        for name in ("secret_scanning", "secret_scanning_push_protection")
    }
    if all(on.values()):
        yield Finding("secret scanning", Level.FINE, "a push that holds a known secret is refused")
        return
    plan = " In private repositories it has to be bought (GitHub Secret Protection)." if private else ""
    message = "a secret in a commit is found afterwards only" if on["secret_scanning"] else "off: nobody looks"
    hint = f"Settings → Advanced Security → Secret Protection and Push protection: Enable.{plan}"
    yield Finding("secret scanning", Level.WARNING, message, hint)
