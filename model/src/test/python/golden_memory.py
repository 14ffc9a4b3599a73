"""Golden vectors of Hope's memory: a token-by-token loop in float64 whose inner gradients come from autograd.

    python3 golden_memory.py FILE

The memory is M(z) = z + gelu(z up) down, or M(z) = z + z up for depth 1. It has an origin, the learned start or zero, and what it has moved from
there decays: with momentum m of Titans (Eq. 9-10),
    S <- m S - rate * gradient        moved <- alpha_t moved + S
and rate eta_t on the output side, input_rate * eta_t on the input side. The gradients are those of L = 1/2 |M(k_t) - label|^2, the label M(v_t) being
a constant for the inner gradient only, read from the learned start or, with moving targets, from the state that entered the chunk:
    gd            at the state that entered the chunk, the output side's divided by |gelu(k up)|^2 (normalised least mean squares)
    dgd-printed   the same, and what the input recalls of moved: the factor I - rate x'x of Nested Learning, Eq. 88, x the key or, on the output side,
                  the normalised hidden layer
    dgd           the output side's at the output matrix that the token finds, for the hidden layer of the state that entered the chunk; the input
                  side as dgd-printed. A memory of depth 1 is an output side, its hidden layer the key.
Needs torch >= 1.13 (CPU).
"""
import json
import sys

import torch
from torch.nn.functional import gelu, normalize

SEED, HEADS, TOKENS, WIDTH, HIDDEN, CHUNK = 0, 2, 32, 4, 6, 16
EPSILON = 1e-6

# name: read, rule, momentum, depth, tokens of a chunk, input rate, decay, moving targets
CASES = {
    "read-after-write": ("after-write", "dgd", 0.0, 2, CHUNK, 0.2, "start", False),
    "read-before-write": ("before-write", "dgd", 0.0, 2, CHUNK, 0.2, "start", False),
    "output-side-alone": ("after-write", "dgd", 0.0, 2, CHUNK, 0.0, "start", False),
    "moving-targets": ("after-write", "dgd", 0.0, 2, 8, 0.2, "start", True),
    "dgd-momentum": ("after-write", "dgd", 0.7, 2, 8, 0.2, "start", False),
    "dgd-depth-1": ("after-write", "dgd", 0.0, 1, 8, 0.2, "start", False),
    "dgd-momentum-depth-1": ("before-write", "dgd", 0.7, 1, 8, 0.2, "start", False),
    "as-printed": ("chunk-start", "dgd-printed", 0.0, 2, 8, 1.0, "zero", True),
    "gd": ("after-write", "gd", 0.0, 2, CHUNK, 0.2, "start", False),
    "gd-momentum": ("before-write", "gd", 0.7, 2, 8, 0.2, "zero", False),
}


def memory(z, up, *down):
    return z + gelu(z @ up, approximate="tanh") @ down[0] if down else z + z @ up


def gradients(rule, k, label, start, now, origin):
    """Of both sides of a memory, output side last."""
    alias = [x.clone() for x in start]
    result = list(torch.autograd.grad(0.5 * ((memory(k, *alias) - label) ** 2).sum(), alias, create_graph=True))
    a = gelu(k @ start[0], approximate="tanh") if len(start) == 2 else k
    square = (a * a).sum(-1, keepdim=True) + (EPSILON if len(start) == 2 else 0)
    if rule == "dgd":
        out = now[-1].clone()
        error = 0.5 * ((k + a @ out - label) ** 2 / (square if len(start) == 2 else 1)).sum()
        result[-1] = torch.autograd.grad(error, out, create_graph=True)[0]
    else:
        if len(start) == 2:
            result[-1] = result[-1] / square
        if rule == "dgd-printed":
            h = a / square.sqrt() if len(start) == 2 else k
            result[-1] = result[-1] + h.mT @ (h @ (now[-1] - origin[-1]))
    if len(start) == 2 and rule != "gd":
        result[0] = result[0] + k.mT @ (k @ (now[0] - origin[0]))
    return result


def token_loop(read, rule, m, chunk, input_rate, decay, moving, q, k, v, alpha, eta, *learned):
    origin = learned if decay == "start" else [torch.zeros_like(x) for x in learned]
    state = list(learned)
    outputs = []
    momentum = [torch.zeros_like(x) for x in learned]
    rates = [1.0] if len(learned) == 1 else [input_rate, 1.0]
    for t in range(TOKENS):
        if t % chunk == 0:
            start = state
        q_t, k_t, v_t, alpha_t, eta_t = (x[:, t : t + 1] for x in (q, k, v, alpha, eta))
        before = state
        label = memory(v_t, *(start if moving else learned))
        # an alias, so that the inner gradient does not pass through the label
        steps = gradients(rule, k_t, label, start, state, origin)
        momentum = [m * s - rate * eta_t * g for s, rate, g in zip(momentum, rates, steps)]
        state = [
            o + alpha_t * (x - o) + s if rate > 0 else x for o, x, s, rate in zip(origin, state, momentum, rates)
        ]
        outputs.append(memory(q_t, *{"after-write": state, "before-write": before, "chunk-start": start}[read]))
    return torch.cat(outputs, 1), state


def random_inputs():
    rows = (HEADS, TOKENS, WIDTH)
    return {
        "q": normalize(torch.randn(rows), dim=-1),
        "k": normalize(torch.randn(rows), dim=-1),
        "v": torch.randn(rows),
        "alpha": 1 - 0.2 * torch.rand(HEADS, TOKENS, 1),
        "eta": 0.3 * torch.rand(HEADS, TOKENS, 1),
        "up": 0.5 * torch.randn(HEADS, WIDTH, HIDDEN),
        "down": 0.5 * torch.randn(HEADS, HIDDEN, WIDTH),
    }


def numbers(tensors):
    return {name: x.detach().flatten().tolist() for name, x in tensors.items()}


def case(inputs, weight, read, rule, momentum, depth, chunk, input_rate, decay, moving):
    state = {"up": inputs["matrix"]} if depth == 1 else {"up": inputs["up"], "down": inputs["down"]}
    inputs = {**{name: inputs[name] for name in ("q", "k", "v", "alpha", "eta")}, **state}
    output, state = token_loop(read, rule, momentum, chunk, input_rate, decay, moving, *inputs.values())
    found = torch.autograd.grad((output * weight).sum(), list(inputs.values()), allow_unused=True)
    found = [torch.zeros_like(x) if g is None else g for x, g in zip(inputs.values(), found)]
    return {
        "read": read, "inner-rule": rule, "inner-momentum": momentum, "depth": depth, "chunk": chunk,
        "input-rate": input_rate, "decay": decay, "moving-targets": moving,
        **numbers({"output": output, **dict(zip(("up", "down"), state))}),
        "gradients": numbers(dict(zip(inputs, found))),
    }


def main(path):
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(SEED)
    inputs = {name: x.requires_grad_(True) for name, x in random_inputs().items()}
    weight = torch.randn(HEADS, TOKENS, WIDTH)
    inputs["matrix"] = (0.5 * torch.randn(HEADS, WIDTH, WIDTH)).requires_grad_(True)
    result = {
        "torch": torch.__version__, "seed": SEED, "heads": HEADS, "tokens": TOKENS, "width": WIDTH, "hidden": HIDDEN,
        "inputs": numbers(inputs), "R": numbers({"R": weight})["R"],
        "cases": {name: case(inputs, weight, *settings) for name, settings in CASES.items()},
    }
    with open(path, "w") as file:
        json.dump(result, file)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
