"""A training run counted in steps: what all such loops do alike, from resuming to the log."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

from kinecor_lab.common.loop import follow, save_whole


class StepPlan(Protocol):
    """What a plan, a dataclass, tells of its steps."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def steps(self) -> int:
        """How many there are."""

    @property
    def rate(self) -> float:
        """Highest learning rate of AdamW."""

    @property
    def weight_decay(self) -> float:
        """Of AdamW."""

    @property
    def average(self) -> float:
        """Decay of the running mean of weights."""

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""


class Steps:
    """Network, running average and optimiser of a run; goes on from run/checkpoint.pt where there is one.

    Attributes:
        step: how many were taken.
        best: score of the network kept in run/best.pt.
        plan_text: by which a run is known again.

    Args:
        plan: of the run.
        run: its folder; made if need be.
        net: to be trained, where its optimiser finds it.
        averaged: a network alike; takes over the weights of `net`.
        worst: the score that any network betters.
        say: where progress lines go.
        device: where a checkpoint is read to.

    Raises:
        ValueError: the folder holds a run of another plan.

    """

    def __init__(
        self,
        plan: StepPlan,
        run: Path,
        net: nn.Module,
        averaged: nn.Module,
        *,
        worst: float,
        say: Callable[[str], None],
        device: str | None = None,
    ) -> None:
        run.mkdir(parents=True, exist_ok=True)
        self._plan, self._run, self._net, self._averaged, self._say = plan, run, net, averaged, say
        averaged.load_state_dict(net.state_dict())
        averaged.eval()
        self._optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=plan.weight_decay)
        self.step, self.best, self.plan_text = 0, worst, json.dumps(asdict(plan))
        self._checkpoint = run / "checkpoint.pt"
        if self._checkpoint.is_file():
            state = torch.load(self._checkpoint, weights_only=True, map_location=device)
            if state["plan"] != self.plan_text:
                raise ValueError(f"{run} holds a run of another plan; name another folder, or remove this one")
            net.load_state_dict(state["net"])
            averaged.load_state_dict(state["averaged"])
            self._optimiser.load_state_dict(state["optimiser"])
            self.step, self.best = state["step"], state["best"]
            say(f"resuming after step {self.step} of {plan.steps}")

    def take(self, loss: Tensor) -> float:
        """One step down the gradient of a loss, whose value is returned; the average follows."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate_at(self.step)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._net.parameters(), 1.0)
        self._optimiser.step()
        # A young average must not hold on to the first, random weights.
        follow(self._averaged, self._net, min(self._plan.average, (1 + self.step) / (10 + self.step)))
        self.step += 1
        return loss.item()

    def keep_best(self, score: float, /, **more: Any) -> None:
        """The averaged network goes to run/best.pt, with `more` beside it."""
        self.best = score
        kept = {"averaged": self._averaged.state_dict(), "plan": self.plan_text, "step": self.step}
        save_whole(kept | more, self._run / "best.pt")

    def keep(self) -> None:
        """The whole state goes to run/checkpoint.pt."""
        nets = {"plan": self.plan_text, "net": self._net.state_dict(), "averaged": self._averaged.state_dict()}
        rest = {"optimiser": self._optimiser.state_dict(), "step": self.step, "best": self.best}
        save_whole(nets | rest, self._checkpoint)

    def log(self, line: dict[str, Any]) -> None:
        """A line of figures, for run/log.jsonl and whoever watches."""
        with (self._run / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        self._say(" ".join(f"{key} {value:.4g}" for key, value in line.items()))
