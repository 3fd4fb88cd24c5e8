import numpy as np
import pytest
import torch

from kinecor_models.engines.engine import DeviceError
from kinecor_models.engines.opening import open_view_engine
from kinecor_models.engines.openvino_graphs import open_view_graph
from kinecor_models.engines.torch_engines import open_view_torch, view_net_from
from kinecor_models.nets.view_net import ViewNet
from kinecor_models.views.classes import CLASSES


def weights(seed: int = 0, filters: int = 16) -> dict[str, np.ndarray]:
    """Of a network whose batch statistics and slopes are not the initial ones."""
    torch.manual_seed(seed)
    net = ViewNet(filters=filters)
    with torch.no_grad():
        for name, value in [*net.named_parameters(), *net.named_buffers()]:
            if value.ndim == 1 and value.dtype.is_floating_point:
                value.copy_(torch.rand_like(value) + (0.3 if "running_var" in name else -0.2))
    return {k: v.numpy() for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}


def test_the_graph_answers_as_the_network():
    held = weights()
    images = np.random.default_rng(1).integers(0, 256, (3, 128, 128), dtype=np.uint8)
    engine = open_view_torch(held, "cpu")
    expected = engine(images)
    found = open_view_graph(held, 128)(images)
    assert expected.shape == found.shape == (3, len(CLASSES))
    assert np.abs(expected).max() > 0.1
    assert found == pytest.approx(expected, abs=1e-3 * float(np.abs(expected).max()))


def test_what_an_image_gets_does_not_hang_on_its_neighbours():
    engine = open_view_graph(weights(), 128)
    images = np.random.default_rng(2).integers(0, 256, (2, 128, 128), dtype=np.uint8)
    assert engine(images)[1] == pytest.approx(engine(images[1:])[0], abs=1e-4)


def test_sizes_are_read_off_the_weights():
    assert view_net_from(weights(filters=8)).late[3].weight.shape[0] == len(CLASSES)


def test_weights_that_do_not_fit_are_refused():
    held = weights()
    del held["end.weight"]
    with pytest.raises(ValueError, match="do not fit"):
        view_net_from(held)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA GPU is there")
def test_a_missing_gpu_is_reported():
    with pytest.raises(DeviceError, match="--device cpu"):
        open_view_engine(weights(), 128, "cuda")
