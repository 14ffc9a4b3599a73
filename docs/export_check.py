#!/usr/bin/env python3
"""Loads an exported network with nothing but PyTorch and compares its logits with those that were exported.

    ./hope export --checkpoint runs/first --output exported --check-ids 256,84,104,101
    python3 docs/export_check.py exported

PyTorch 1.13 or later; 2.0 where the mixer is attention.
"""

import argparse
import json
import pathlib
import sys

import torch

parser = argparse.ArgumentParser(description="Compares the logits of model.pt with those of logits.json.")
parser.add_argument("folder", type=pathlib.Path, help="what 'hope export --check-ids ...' wrote")
parser.add_argument("--tolerance", type=float, default=1e-3, help="largest difference of a logit; default: 1e-3")
arguments = parser.parse_args()

model = torch.jit.load(str(arguments.folder / "model.pt"), map_location="cpu")
expected = json.loads((arguments.folder / "logits.json").read_text())
ids = torch.tensor([expected["ids"]])
with torch.no_grad():
    logits = model(ids)[0].double()
wanted = torch.tensor(expected["logits"], dtype=torch.float64)

if logits.shape != wanted.shape:
    sys.exit(f"logits have the shape {tuple(logits.shape)}, expected {tuple(wanted.shape)}")
for t, token in enumerate(expected["ids"]):
    best = logits[t].topk(3)
    likely = ", ".join(f"{i} ({v:.3f})" for v, i in zip(best.values.tolist(), best.indices.tolist()))
    print(f"after id {token}: {likely}; largest difference {(logits[t] - wanted[t]).abs().max():.2e}")
difference = (logits - wanted).abs().max().item()
print(f"PyTorch {torch.__version__}, {len(model.state_dict())} tensors, logits up to {wanted.abs().max():.2f}:")
print(f"largest difference {difference:.3e}, tolerance {arguments.tolerance:g}")
sys.exit(0 if difference <= arguments.tolerance else 1)
