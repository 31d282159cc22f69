"""Makes benign checkpoints with torch, and compares them with what they were converted to.

    torch_corpus.py make FOLDER SEED COUNT     writes 0000.pt, 0001.pt ...
    torch_corpus.py compare FOLDER             compares each NNNN.pt with NNNN.safetensors by torch itself

Every checkpoint follows from the seed and its number alone.
"""
import collections
import json
import os
import random
import struct
import sys

import torch

TYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool, torch.complex64]
WORDS = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16, "U8": torch.uint8, "I8": torch.int8, "I16": torch.int16,
         "I32": torch.int32, "I64": torch.int64, "BOOL": torch.bool, "C64": torch.complex64}


def tensor(dice):
    kind = dice.choice(TYPES)
    shape = [dice.choice([0, 1, 1, 2, 3, 5, 8, 17]) for _ in range(dice.choice([0, 1, 1, 2, 2, 3, 4]))]
    count = 1
    for size in shape:
        count *= size
    if kind is torch.bool:
        return torch.tensor([dice.random() < 0.5 for _ in range(count)], dtype=kind).reshape(shape)
    width = torch.tensor([], dtype=kind).element_size()
    raw = torch.tensor(list(dice.randbytes(count * width)), dtype=torch.uint8)
    # Any bits are a number: not-a-numbers and subnormals must come through too.
    return raw.view(kind).reshape(shape) if count else torch.empty(shape, dtype=kind)


def view(dice, of):
    kind = dice.randrange(6)
    if kind == 0 and of.dim() >= 2:
        return of.transpose(0, of.dim() - 1)
    if kind == 1 and of.dim() >= 1 and of.shape[0] >= 2:
        return of[1:]
    if kind == 2 and of.dim() >= 1 and of.shape[-1] >= 3:
        return of[..., ::2]
    if kind == 3 and of.dim() >= 1:
        return of.unsqueeze(0).expand(3, *of.shape)
    if kind == 4 and of.numel() > 0:
        return of.reshape(-1)[of.numel() // 2]
    return of.detach()


def state(dice):
    result = dice.choice([dict, collections.OrderedDict])()
    made = []
    for index in range(dice.randrange(1, 7)):
        if made and dice.random() < 0.4:
            value = view(dice, dice.choice(made))
        else:
            value = tensor(dice)
        made.append(value)
        if dice.random() < 0.2 and value.is_floating_point() and value.is_leaf:
            value = torch.nn.Parameter(value)
        result[f"layer{index}.{dice.choice(['weight', 'bias', 'größe'])}"] = value
    return result


def module(dice):
    width = dice.randrange(1, 9)
    first = torch.nn.Linear(width, width)
    second = torch.nn.Linear(width, width)
    if dice.random() < 0.5:
        second.weight = first.weight
    net = torch.nn.Sequential(first, torch.nn.BatchNorm1d(width), second)
    if dice.random() < 0.3:
        net = net.to(torch.bfloat16)
    return net, width


def training(dice):
    net, width = module(dice)
    kind = dice.choice([torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop])
    optimizer = kind(net.parameters(), lr=0.1, **({"momentum": 0.9} if kind is torch.optim.SGD else {}))
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": dice.randrange(100), "loss": dice.random(), "name": "net", "done": False, "args": None}


def checkpoint(dice):
    kind = dice.randrange(5)
    if kind == 0:
        return training(dice)
    if kind == 1:
        return module(dice)[0].state_dict()
    if kind == 2:
        return [tensor(dice), (tensor(dice), {"deep": [tensor(dice), 3]}), state(dice)]
    if kind == 3:
        return {"state_dict": state(dice), "ema": state(dice), "shape": torch.Size([1, 2]), "kind": torch.float16}
    return state(dice)


def make(folder, seed, count):
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        torch.manual_seed(dice.randrange(1 << 31))
        value = checkpoint(dice)
        name = os.path.join(folder, f"{number:04}.pt")
        torch.save(value, name, pickle_protocol=dice.choice([2, 2, 2, 3, 4]), _use_new_zipfile_serialization=dice.random() < 0.6)


def flatten(path, value, found):
    if isinstance(value, torch.Tensor):
        found[path or "tensor"] = value
    elif isinstance(value, torch.Size):
        pass
    elif isinstance(value, dict):
        for key, item in value.items():
            flatten(f"{path}.{key}" if path else str(key), item, found)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            flatten(f"{path}.{index}" if path else str(index), item, found)
    return found


def read_safetensors(name):
    with open(name, "rb") as file:
        data = file.read()
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    ties = json.loads(header.pop("__metadata__").get("shared_memory", "[]"))
    result = {}
    for key, entry in header.items():
        begin, end = entry["data_offsets"]
        raw = torch.tensor(list(data[8 + length + begin:8 + length + end]), dtype=torch.uint8)
        kind = WORDS[entry["dtype"]]
        result[key] = (raw.view(kind) if raw.numel() else torch.empty(0, dtype=kind)).reshape(entry["shape"])
    return result, ties


def bits(value):
    value = value.detach().contiguous()
    if value.numel() == 0:
        return []
    if value.dtype is torch.bool:
        value = value.to(torch.uint8)
    return value.reshape(-1).view(torch.uint8).tolist()


def compare(folder):
    count = tensors = 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".pt"):
            continue
        original = flatten("", torch.load(os.path.join(folder, name)), {})
        converted, ties = read_safetensors(os.path.join(folder, name[:-3] + ".safetensors"))
        assert original.keys() == converted.keys(), (name, original.keys() ^ converted.keys())
        for key, value in original.items():
            other = converted[key]
            assert (value.dtype, value.shape) == (other.dtype, other.shape), (name, key)
            assert bits(value) == bits(other), (name, key)
            tensors += 1
        for group in ties:
            places = {original[key].storage()._cdata for key in group}
            assert len(places) == 1 or all(original[key].numel() == 0 for key in group), (name, group)
        count += 1
    print(f"{count} checkpoints, {tensors} tensors equal")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        compare(sys.argv[2])
