"""A command of the owner."""

from pathlib import Path

from guest.step import STATE, WORK, Faults, Permanent, Step, diagnose, note, read

# What most programs say last is less than what they say first.
RUN_FAULTS: Faults = ((Permanent, r"^ *(E|[Ee]rror|ERROR|[Ff]atal|\w+Error): .*"),)


def run(step: Step) -> None:
    """Runs the command, unless it has succeeded before. It is not tried again."""
    number, command = step.told["step"][4:], step.data["command"]
    done, wanted = STATE / f"run.{number}.done", "\0".join(command)
    if read(done) == wanted:
        return
    # With this a script of bash knows `conda activate`.
    conda = "/etc/profile.d/conda.sh"
    environment = {"BASH_ENV": conda} if Path(conda).exists() else {}
    if not step.succeeds(*command, cwd="/root", **environment):
        raise Permanent(f"exit status {step.status}: {diagnose(step.output, RUN_FAULTS)}")
    note(done, wanted)


WORK["run"] = run
