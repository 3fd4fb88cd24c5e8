import pytest
import torch

from kinecor_lab.common import precision
from kinecor_lab.common.precision import has_bfloat16, layout, reduced


@pytest.fixture(autouse=True)
def fresh_answer():
    """The answer is cached per process; what a test set must not persist."""
    yield
    has_bfloat16.cache_clear()


@pytest.mark.parametrize(("flags", "kind"), [({"avx512_bf16": True}, torch.bfloat16), ({"avx2": True}, torch.float32)])
def test_networks_compute_in_bfloat16_only_where_the_processor_does(monkeypatch, flags, kind):
    monkeypatch.setattr(precision.torch.cpu, "get_capabilities", lambda: flags)
    has_bfloat16.cache_clear()
    layer, x = torch.nn.Linear(4, 4), torch.ones(1, 4)
    with reduced():
        assert layer(x).dtype == kind
    with reduced(wanted=False):
        assert layer(x).dtype == torch.float32


@pytest.mark.parametrize(
    ("flags", "kind"), [({"avx512_bf16": True}, torch.channels_last), ({"avx2": True}, torch.contiguous_format)]
)
def test_channels_come_last_where_bfloat16_is(monkeypatch, flags, kind):
    monkeypatch.setattr(precision.torch.cpu, "get_capabilities", lambda: flags)
    has_bfloat16.cache_clear()
    assert layout() == kind
    assert layout("cuda") == torch.channels_last


def test_a_gpu_always_does():
    assert has_bfloat16("cuda")
