"""All packages of Debian's kind, brought up to date by apt."""

from guest.packages.apt import APT, APT_FAULTS, INSTALL, reinstall_damaged
from guest.step import Step, diagnose


def upgrade_all(step: Step) -> None:
    """Brings all packages up to date, those that need new ones as well."""
    step.succeeds("dpkg", "--configure", "-a")
    # Some source may be away, and the rest be there.
    step.succeeds(*APT, "update")
    missing = step.output
    reinstall_damaged(step)
    if not step.succeeds(*INSTALL[:-1], "dist-upgrade"):
        raise diagnose(f"{missing}\n{step.output}", APT_FAULTS)
    if "\nE: " in f"\n{missing}" or "\nW: Failed" in missing:
        raise diagnose(missing, APT_FAULTS)
