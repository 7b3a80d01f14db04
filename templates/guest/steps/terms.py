"""Anaconda's Terms of Service, which the owner accepts for everybody on this machine."""

from guest.step import WORK, Offline, Step


def terms(step: Step) -> None:
    """Accepts the terms of each channel."""
    conda = f"{step.data['prefix']}/bin/conda"
    # A conda from before there were terms has no such command.
    if not step.succeeds(conda, "tos", "--help"):
        return
    accept = [conda, "tos", "accept", "--system", "--ignore-cache", "--override-channels"]
    for channel in step.data["channels"]:
        step.succeeds(*accept, "--channel", channel)
        # It succeeds also when it failed.
        if f"accepted Terms of Service for {channel}" not in step.output:
            raise Offline(f"terms of {channel}: not accepted, or no connection")


WORK["terms"] = terms
