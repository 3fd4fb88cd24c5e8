import pytest
import torch

from kinecor_lab.common import precision
from kinecor_lab.common.precision import has_bfloat16, reduced


@pytest.fixture(autouse=True)
def asked_anew():
    """The answer is kept for a process; what a test told it must not stay."""
    yield
    has_bfloat16.cache_clear()


@pytest.mark.parametrize(("told", "kind"), [({"avx512_bf16": True}, torch.bfloat16), ({"avx2": True}, torch.float32)])
def test_networks_compute_in_bfloat16_only_where_the_processor_does(monkeypatch, told, kind):
    monkeypatch.setattr(precision.torch.cpu, "get_capabilities", lambda: told)
    has_bfloat16.cache_clear()
    layer, x = torch.nn.Linear(4, 4), torch.ones(1, 4)
    with reduced():
        assert layer(x).dtype == kind
    with reduced(wanted=False):
        assert layer(x).dtype == torch.float32


def test_a_gpu_always_does():
    assert has_bfloat16("cuda")
