"""An LSTM in NumPy, with its backward pass by hand, tested against lstm.npz or lstm.json. Copy it for an implementation of yours.

    python3 lstm.py [lstm.npz | lstm.json]
"""

import json
import sys

import numpy as np


def read(path):
    """The arrays of a file by group and name."""
    golden = {}
    if path.endswith(".npz"):
        for key, array in np.load(path).items():
            group, _, name = key.partition("/")
            golden.setdefault(group, {})[name] = array
    else:
        with open(path, encoding="utf-8") as file:
            for group, tensors in json.load(file).items():
                golden[group] = {n: np.array(t["data"]).reshape(t["shape"]) for n, t in tensors.items()} if isinstance(tensors, dict) else {"": tensors}
    return golden


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(v, lengths):
    """Outputs [B, T, H], the last states, and what the backward pass needs. After its end a sequence keeps its state and puts out zeros."""
    h, c = v["state.h"], v["state.c"]
    steps, outputs = [], []
    for t in range(v["inputs"].shape[1]):
        z = v["inputs"][:, t] @ v["weight_ih"].T + v["bias"] + h @ v["weight_hh"].T
        i, f, g, o = np.split(z, 4, axis=1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        alive = (t < lengths)[:, None]
        new_c = f * c + i * g
        new_h = o * np.tanh(new_c)
        steps.append((h, c, i, f, g, o, new_c, alive))
        outputs.append(np.where(alive, new_h, 0))
        h, c = np.where(alive, new_h, h), np.where(alive, new_c, c)
    return {"outputs": np.stack(outputs, axis=1), "state.h": h, "state.c": c}, steps


def loss(outputs, weights):
    return sum(float((outputs[name] * weights[name]).sum()) for name in outputs)


def gradient(v, lengths, weights):
    _, steps = forward(v, lengths)
    grads = {name: np.zeros_like(value) for name, value in v.items()}
    dh, dc = weights["state.h"].copy(), weights["state.c"].copy()
    for t in reversed(range(len(steps))):
        h, c, i, f, g, o, new_c, alive = steps[t]
        d_new_h = np.where(alive, dh + weights["outputs"][:, t], 0)
        tanh_c = np.tanh(new_c)
        d_new_c = np.where(alive, dc, 0) + d_new_h * o * (1 - tanh_c**2)
        dz = np.concatenate([d_new_c * g * i * (1 - i), d_new_c * c * f * (1 - f),
                             d_new_c * i * (1 - g**2), d_new_h * tanh_c * o * (1 - o)], axis=1)
        grads["weight_ih"] += dz.T @ v["inputs"][:, t]
        grads["weight_hh"] += dz.T @ h
        grads["bias"] += dz.sum(axis=0)
        grads["inputs"][:, t] = dz @ v["weight_ih"]
        dh = np.where(alive, dz @ v["weight_hh"], dh)
        dc = np.where(alive, d_new_c * f, dc)
    grads["state.h"], grads["state.c"] = dh, dc
    return grads


def check(what, actual, expected, tolerance):
    off = float(np.max(np.abs(actual - expected)))
    print(f"{what:24} largest difference {off:.1e} {'' if off <= tolerance else 'WRONG'}")
    return off <= tolerance


def main():
    golden = read(sys.argv[1] if len(sys.argv) > 1 else "lstm.npz")
    values, weights, direction, lengths = golden["values"], golden["weights"], golden["direction"], golden["constants"]["lengths"]
    outputs, _ = forward(values, lengths)
    right = [check(name, outputs[name], expected, 1e-12) for name, expected in golden["outputs"].items()]
    right.append(check("loss", np.array(loss(outputs, weights)), golden["loss"][""], 1e-12))
    grads = gradient(values, lengths, weights)
    right += [check(f"gradient of {name}", grads[name], expected, 1e-12) for name, expected in golden["gradient"].items()]
    h = 1e-5  # the second derivative along the direction, as a difference of gradients by hand
    up = gradient({name: values[name] + h * direction[name] for name in values}, lengths, weights)
    down = gradient({name: values[name] - h * direction[name] for name in values}, lengths, weights)
    right += [check(f"hvp for {name}", (up[name] - down[name]) / (2 * h), expected, 1e-7) for name, expected in golden["hvp"].items()]
    sys.exit(0 if all(right) else 1)


if __name__ == "__main__":
    main()
