#!/usr/bin/env python3
"""Trains a network with nothing but PyTorch, and says how fast: for GPUs whose PyTorch is not the one of the jar.

    ./hope bench archive --model hope-340m --set model.context-tokens=4096 --set model.precision=bfloat16 --output hope-340m
    python3 docs/benchmarks/train_exported.py hope-340m --device cuda --peak-tflops 989

or of a trained one, which './hope export' has written: --plan then names the JSON of './hope plan', for the operations of a token.

Forward of model.pt, backward by torch.autograd, AdamW (fused on a GPU), on random ids. The precision is the one of the archive
(model.precision); --autocast computes all of it in bfloat16 instead. Prints the loss of every step, tokens/s, the share of the
peak (operations by formula), the memory, and how many kernels a step launches (operators on a CPU).
"""

import argparse
import gzip
import io
import json
import pathlib
import resource
import time

import torch

parser = argparse.ArgumentParser(description="Speed of training an exported network.")
parser.add_argument("folder", type=pathlib.Path, help="what 'hope bench archive' or 'hope export' wrote")
parser.add_argument("--plan", type=pathlib.Path, help="what 'hope plan --json' wrote for this model")
parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
parser.add_argument("--context", type=int, help="default: that of the archive")
parser.add_argument("--sequences", type=int, default=1, help="of a step")
parser.add_argument("--steps", type=int, default=10, help="the first two are not timed")
parser.add_argument("--learning-rate", type=float, default=3e-4)
parser.add_argument("--peak-tflops", type=float, help="of the device, for the share of it that is reached")
parser.add_argument("--autocast", action="store_true", help="bfloat16 throughout")
arguments = parser.parse_args()

device = torch.device(arguments.device)
on_gpu = device.type == "cuda"
if not on_gpu:
    torch.set_num_threads(1)
config = json.loads((arguments.folder / "config.json").read_text())
arguments.context = arguments.context or config["max_position_embeddings"]
packed = arguments.folder / "model.pt.gz"
archive = io.BytesIO(gzip.decompress(packed.read_bytes())) if packed.exists() else str(arguments.folder / "model.pt")
model = torch.jit.load(archive, map_location=device)
torch.manual_seed(1)
with torch.no_grad():
    for name, parameter in model.named_parameters():
        if name in config.get("deviations", {}):
            parameter.normal_(0, config["deviations"][name])
parameters = list(model.parameters())
fused = {"fused": True} if on_gpu else {}
optimizer = torch.optim.AdamW(parameters, lr=arguments.learning_rate, betas=(0.9, 0.95), weight_decay=0.1, **fused)

shape = (arguments.sequences, arguments.context + 1)
ids = torch.randint(0, config["vocab_size"], shape).to(device)


def step():
    """One update on the same random ids, so that the loss has to fall."""
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=arguments.autocast):
        logits = model(ids[:, :-1])
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return loss.item(), norm.item()  # waits for the device


seconds = []
for number in range(1, arguments.steps + 1):
    begin = time.perf_counter()
    loss, norm = step()
    seconds.append(time.perf_counter() - begin)
    print(f"step {number}: loss {loss:.4f}, gradient norm {norm:.3f}, {seconds[-1]:.3f} s", flush=True)

median = sorted(seconds[2:] or seconds)[len(seconds[2:] or seconds) // 2]
tokens = arguments.sequences * arguments.context
name = torch.cuda.get_device_name(device) if on_gpu else "CPU, one thread"
print(f"{name}, PyTorch {torch.__version__}, {sum(p.numel() for p in parameters):,} parameters, {tokens:,} tokens a step")
print(f"{tokens / median:,.1f} tokens/s")
operations = json.loads(arguments.plan.read_text()) if arguments.plan else config
if "training-flops-per-token" in operations:
    flops = operations["training-flops-per-token"] * tokens / median
    share = f", {flops / (arguments.peak_tflops * 1e12):.3f} of the peak" if arguments.peak_tflops else ""
    print(f"{flops * 1e-9:,.1f} GFLOP/s by formula{share}")
if on_gpu:
    print(f"{torch.cuda.max_memory_allocated(device) * 1e-9:.2f} GB allocated at most")
else:
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024e-9:.2f} GB resident at most")

activities = [torch.profiler.ProfilerActivity.CPU] + ([torch.profiler.ProfilerActivity.CUDA] if on_gpu else [])
with torch.profiler.profile(activities=activities) as profile:
    step()
if on_gpu:
    launched = sum(event.name in ("cudaLaunchKernel", "cudaLaunchKernelExC", "cuLaunchKernel") for event in profile.events())
    print(f"{launched:,} kernels launched a step, {launched / tokens:.1f} a token")
else:
    called = sum(event.name.startswith("aten::") for event in profile.events())
    print(f"{called:,} operators a step, those that others call included, {called / tokens:.1f} a token")
