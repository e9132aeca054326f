"""What this machine's engine gives a sandbox: gathers the facts, as far as one comes."""

from dataclasses import replace

from grader.errors import GraderError
from grader.examine.engine import owners
from grader.examine.engine.client import connected
from grader.examine.engine.findings import Facts, Finding, Isolation, findings, refusal
from grader.examine.engine.image import image_tag, other_images
from grader.examine.engine.launcher import DockerLauncher, DockerSlot
from grader.labs import LimitSpec

_LIMITS = LimitSpec(call_seconds=10)


def diagnose(isolation: Isolation) -> list[Finding]:
    """What there is, and what is missing. Opens a real slot where it can."""
    return findings(gather(DockerLauncher(image_tag(), _LIMITS, isolation)))


def gather(launcher: DockerLauncher) -> Facts:
    """What can be known of the engine, of a container, and of a slot's parent."""
    facts = Facts(launcher.asked())
    try:
        with connected() as client:
            facts = replace(facts, engine=launcher.engine(), leftovers=len(owners.orphans(client)))
        launcher.identity()
        facts = replace(facts, image=launcher.image, others=other_images())
        facts = replace(facts, seen=launcher.look().seen)
        if refusal(facts):
            return facts
        slot = DockerSlot(launcher)
        slot.close()
        facts = replace(facts, missing=slot.missing)
        facts = replace(facts, gpus=launcher.gpus())
    except GraderError as error:
        return replace(facts, trouble=str(error))
    return facts
