"""Networks in eight-bit integers: what post-training quantisation adds to a graph, and takes the place of.

A quantisation says, for inputs of some operations, between which limits they are rounded to how many levels, and gives
the biases that make up for it on average. It is made in the lab (kinecor_lab/quantisation) and shipped as a file that
the card pins. The weights stay those of the card: OpenVINO rounds them when it compiles the graph.
"""

from collections.abc import Sequence

import numpy as np

from kinecor_models.contract import Tensors
from kinecor_models.engines.openvino_graphs import constant, op, ov

RANGE, BIAS = "range", "bias"
"""A tensor OPERATION.INPUT.range holds the lower and the upper limit that come in, those that go out, and the number
of levels, one after the other along its first axis; OPERATION.INPUT.bias replaces a constant. Operations are counted
in the graph's order."""


def quantise_graph(model: ov.Model, quantisation: Tensors) -> ov.Model:
    """A graph with its quantisation, in place.

    Args:
        model: built from the weights that the quantisation was made for, of any size of image.
        quantisation: see RANGE.

    Raises:
        ValueError: the quantisation is not of this graph.

    """
    operations: Sequence[ov.Node] = model.get_ordered_ops()
    for name, values in sorted(quantisation.items()):
        number, port, kind = name.split(".")
        if int(number) >= len(operations) or int(port) >= len(operations[int(number)].inputs()):
            raise ValueError(f"the quantisation is of another network: it has no operation {number} with input {port}")
        target = operations[int(number)].input(int(port))
        source = target.get_source_output()
        if kind == BIAS:
            if list(source.get_shape()) != list(values.shape):
                raise ValueError(f"the quantisation is of another network: {name} is of shape {values.shape}")
            target.replace_source_output(constant(values).output(0))
        elif kind == RANGE:
            limits = [constant(part) for part in values[:4]]
            rounded = op.fake_quantize(source, *limits, int(np.ravel(values[4])[0]))
            target.replace_source_output(rounded.output(0))
        else:
            raise ValueError(f"the quantisation has an unknown part {name}")
    model.validate_nodes_and_infer_types()
    return model
