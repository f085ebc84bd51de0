"""The style guide, enforced: its rules, held against what each channel will get."""
