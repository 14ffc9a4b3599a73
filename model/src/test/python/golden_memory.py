"""Golden vectors of Hope's memory: a token-by-token loop in float64 whose inner gradients come from autograd.

    python3 golden_memory.py FILE

The memory is M(z) = z + gelu(z up) down. Token t is written with delta gradient descent (Nested Learning, Eq. 83-91):
    up   <- alpha_t up - eta_t k_t' (k_t up) - eta_t dL/d up        down <- alpha_t down - eta_t dL/d down
with L = 1/2 |M(k_t) - M(v_t)|^2 taken at the state that entered the chunk, M(v_t) being a constant for the inner gradient only.
Needs torch >= 1.13 (CPU).
"""
import json
import sys

import torch
from torch.nn.functional import gelu, normalize

SEED, HEADS, TOKENS, WIDTH, HIDDEN, CHUNK = 0, 2, 32, 4, 6, 16


def memory(z, up, down):
    return z + gelu(z @ up, approximate="tanh") @ down


def token_loop(q, k, v, alpha, eta, up, down, read_after_write):
    outputs = []
    for t in range(TOKENS):
        if t % CHUNK == 0:
            up_0, down_0 = up, down
        q_t, k_t, v_t, alpha_t, eta_t = (x[:, t : t + 1] for x in (q, k, v, alpha, eta))
        if not read_after_write:
            outputs.append(memory(q_t, up, down))
        # aliases of the chunk's state, so that the inner gradient passes through M(k) and not through M(v)
        a, b = up_0.clone(), down_0.clone()
        error = memory(k_t, a, b) - memory(v_t, up_0, down_0)
        gradient_up, gradient_down = torch.autograd.grad(0.5 * (error**2).sum(), (a, b), create_graph=True)
        up = alpha_t * up - eta_t * k_t.mT @ (k_t @ up) - eta_t * gradient_up
        down = alpha_t * down - eta_t * gradient_down
        if read_after_write:
            outputs.append(memory(q_t, up, down))
    return torch.cat(outputs, 1), up, down


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


def main(path):
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(SEED)
    inputs = {name: x.requires_grad_(True) for name, x in random_inputs().items()}
    weight = torch.randn(HEADS, TOKENS, WIDTH)
    result = {
        "torch": torch.__version__, "seed": SEED, "heads": HEADS, "tokens": TOKENS, "width": WIDTH, "hidden": HIDDEN,
        "chunk": CHUNK, "inputs": numbers(inputs), "R": numbers({"R": weight})["R"],
    }
    for name, after in (("read-after-write", True), ("read-before-write", False)):
        output, up, down = token_loop(*inputs.values(), after)
        gradients = torch.autograd.grad((output * weight).sum(), list(inputs.values()))
        result[name] = {
            **numbers({"output": output, "up": up, "down": down}),
            "gradients": numbers(dict(zip(inputs, gradients))),
        }
    with open(path, "w") as file:
        json.dump(result, file)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
