"""Golden vectors of Hope's memory: a token-by-token loop in float64 whose inner gradients come from autograd.

    python3 golden_memory.py FILE

The memory is M(z) = z + gelu(z up) down, or M(z) = z + z up for depth 1. Token t is written with delta gradient descent (Nested
Learning, Eq. 83-91) and the momentum of Titans (Eq. 9-10), S = 0 at first:
    S <- b S - eta_t dL/d up        up <- alpha_t up - eta_t k_t' (k_t up) + S        down likewise, without the middle term
with L = 1/2 |M(k_t) - M(v_t)|^2 taken at the state that entered the chunk, M(v_t) being a constant for the inner gradient only.
Plain gradient descent (gd) has no middle term. Needs torch >= 1.13 (CPU).
"""
import json
import sys

import torch
from torch.nn.functional import gelu, normalize

SEED, HEADS, TOKENS, WIDTH, HIDDEN, CHUNK = 0, 2, 32, 4, 6, 16

# name: read, rule, momentum, depth, tokens of a chunk
CASES = {
    "read-after-write": ("after-write", "dgd", 0.0, 2, CHUNK),
    "read-before-write": ("before-write", "dgd", 0.0, 2, CHUNK),
    "gd": ("after-write", "gd", 0.0, 2, CHUNK),
    "gd-momentum": ("before-write", "gd", 0.7, 2, 8),
    "dgd-momentum": ("after-write", "dgd", 0.7, 2, 8),
    "dgd-momentum-depth-1": ("before-write", "dgd", 0.7, 1, 8),
    "gd-depth-1-chunk-start": ("chunk-start", "gd", 0.0, 1, 4),
}


def memory(z, up, *down):
    return z + gelu(z @ up, approximate="tanh") @ down[0] if down else z + z @ up


def token_loop(read, rule, b, chunk, q, k, v, alpha, eta, *state):
    outputs = []
    momentum = [torch.zeros_like(x) for x in state]
    for t in range(TOKENS):
        if t % chunk == 0:
            start = state
        q_t, k_t, v_t, alpha_t, eta_t = (x[:, t : t + 1] for x in (q, k, v, alpha, eta))
        before = state
        # aliases of the chunk's state, so that the inner gradient passes through M(k) and not through M(v)
        alias = [x.clone() for x in start]
        error = memory(k_t, *alias) - memory(v_t, *start)
        gradients = torch.autograd.grad(0.5 * (error**2).sum(), alias, create_graph=True)
        momentum = [b * s - eta_t * g for s, g in zip(momentum, gradients)]
        erased = eta_t * k_t.mT @ (k_t @ state[0]) if rule == "dgd" else 0
        state = [alpha_t * x + s for x, s in zip(state, momentum)]
        state[0] = state[0] - erased
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


def case(inputs, weight, read, rule, momentum, depth, chunk):
    state = {"up": inputs["matrix"]} if depth == 1 else {"up": inputs["up"], "down": inputs["down"]}
    inputs = {**{name: inputs[name] for name in ("q", "k", "v", "alpha", "eta")}, **state}
    output, state = token_loop(read, rule, momentum, chunk, *inputs.values())
    gradients = torch.autograd.grad((output * weight).sum(), list(inputs.values()), allow_unused=True)
    gradients = [torch.zeros_like(x) if g is None else g for x, g in zip(inputs.values(), gradients)]
    return {
        "read": read, "inner-rule": rule, "inner-momentum": momentum, "depth": depth, "chunk": chunk,
        **numbers({"output": output, **dict(zip(("up", "down"), state))}),
        "gradients": numbers(dict(zip(inputs, gradients))),
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
