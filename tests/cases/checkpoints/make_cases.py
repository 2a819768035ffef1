"""Writes cases.zip.br: python make_cases.py (needs torch, numpy, and node on the path). Own content, any use.

A network of base width 4 in the layout of the original, with values that every floating type holds exactly:
value i of tensor t is (((7 i + 13 t) mod 61) - 30) / 256, as the table test computes them. The files are so alike that one
archive, packed as a whole, has a hundredth of their size; `python make_cases.py --out FOLDER` writes them one by one.
"""
import argparse, bz2, collections, datetime, decimal, enum, fractions, functools, gzip, io, json, lzma, os, pathlib, pickle
import random, struct, subprocess, sys, tarfile, types, uuid, zipfile
import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
LAYOUT = json.load(open(os.path.join(HERE, 'layout4.json')))


CASES = {}


def write(name, data):
    CASES[name] = data


def values(index, count):
    i = torch.arange(count, dtype=torch.int64)
    return (((7 * i + 13 * index) % 61) - 30).float() / 256


def state(prefix='', counters=True, layout=LAYOUT, dtype=torch.float32, separate=False):
    flat = torch.cat([values(t, int(np.prod(s))) for t, (_, s) in enumerate(layout)]).to(dtype)
    counter = torch.tensor(7)
    out, at = collections.OrderedDict(), 0
    for key, shape in layout:
        count = int(np.prod(shape))
        view = flat[at : at + count].view(shape)
        out[prefix + key] = view.clone() if separate else view
        at += count
        if counters and key.endswith('.running_var'):
            out[prefix + key.replace('running_var', 'num_batches_tracked')] = counter
    return out


def base(weights=None, **more):
    return {'epoch': 1, 'model': 'Model', 'best_loss': 0.5,
            'model_state_dict': state() if weights is None else weights, **more}


def saved(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return out.getvalue()


def zipped(files, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', **options) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = options.get('compression', zipfile.ZIP_STORED)
            archive.writestr(info, data)
    return out.getvalue()


def entries(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tarred(files, mode='w', **options):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, **options) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def foreign(module, name, bases=(object,), **members):
    """A class as if it were another library's."""
    for end in [i for i, c in enumerate(module) if c == '.'] + [len(module)]:
        holder = sys.modules.setdefault(module[:end], types.ModuleType(module[:end]))
        holder.__path__ = []
    made = type(name, bases, {'__module__': module, **members})
    setattr(holder, name, made)
    return made


class Mode(enum.Enum):
    TRAIN = 1


Mode.__module__ = 'trainer.modes'
sys.modules['trainer.modes'] = types.SimpleNamespace(Mode=Mode)


def objects():
    attribute_dict = foreign('lightning.fabric.utilities.data', 'AttributeDict', (dict,))(lr=1e-3, nested={'a': [1]})
    easy = foreign('easydict', 'EasyDict', (dict,))(gpu='0')
    easy.gpu = '0'
    conf = foreign('omegaconf.dictconfig', 'DictConfig')()
    conf.__dict__ = {'_content': {'lr': 1}, '_metadata': {'ref': None}}
    slotted = foreign('trainer.log', 'Meter', __slots__=('sum', 'count'), __getstate__=lambda self: (None, {'sum': 1.5, 'count': 2}))()
    ordered = foreign('trainer.log', 'History', (collections.OrderedDict,))(a=1)
    listed = foreign('trainer.log', 'Losses', (list,))([1, 2])
    layer = torch.nn.Conv2d(1, 1, 1)
    optimizer = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 1, 1, 1)).sum().backward()
    optimizer.step()
    return {
        'args': argparse.Namespace(lr=1e-3, gpus='0,1'), 'path': pathlib.PurePosixPath('/a/b'),
        'win': pathlib.PureWindowsPath('C:/a'), 'when': datetime.datetime(2024, 1, 2),
        'took': datetime.timedelta(hours=2), 'zone': datetime.timezone.utc, 'day': datetime.date(2024, 1, 2),
        'history': np.arange(5.0), 'text': np.array(['a', 'b'], dtype=object), 'scalar': np.float64(0.5),
        'integer': np.int64(3), 'records': np.zeros(2, dtype=[('a', 'f4'), ('b', 'i2')]),
        'rng': torch.get_rng_state()[:64], 'np_rng': np.random.RandomState(1).get_state()[0], 'py_rng': random.Random(1).getstate()[:1],
        'generator': np.random.default_rng(1), 'set': {1, 2}, 'frozen': frozenset({'a'}),
        'deque': collections.deque([1], 3), 'default': collections.defaultdict(list, {'a': [1]}),
        'counter': collections.Counter('aab'), 'partial': functools.partial(int, base=2), 'enum': Mode.TRAIN,
        'slice': slice(1, 2), 'range': range(3), 'complex': 1 + 2j, 'decimal': decimal.Decimal('1.5'),
        'fraction': fractions.Fraction(1, 3), 'uuid': uuid.UUID(int=5), 'size': torch.Size([1, 2]),
        'device': torch.device('cuda:0'), 'dtype': torch.float16, 'function': len, 'class': argparse.Namespace,
        'attributes': attribute_dict, 'easy': easy, 'conf': conf, 'slotted': slotted, 'ordered': ordered,
        'listed': listed, 'bytes': b'\x00\xff', 'bytearray': bytearray(b'ab'), 'long': 2**900, 'none': None,
        'optimizer': optimizer, 'scheduler': torch.optim.lr_scheduler.StepLR(optimizer, 1).state_dict(), 'layer': layer,
        'parameter': torch.nn.Parameter(torch.ones(2)), 'sparse': torch.eye(3).to_sparse(),
        'quantised': torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
        'complex_tensor': torch.ones(2, dtype=torch.complex64), 'nan': float('nan'), 'inf': -float('inf'),
    }


def module(weights):
    """The state dict as a tree of modules of a class that only its author has."""
    part = foreign('model.unet', 'Part', (torch.nn.Module,))
    root = part()
    for key, tensor in weights.items():
        *path, last = key.split('.')
        at = root
        for name in path:
            if name not in at._modules:
                at.add_module(name, part())
            at = at._modules[name]
        if last in ('weight', 'bias'):
            at.register_parameter(last, torch.nn.Parameter(tensor))
        else:
            at.register_buffer(last, tensor)
    return root


def swapped(data, order=b'big'):
    """As a big-endian machine writes it: every value of every storage turned round."""
    out = {}
    for name, raw in entries(data).items():
        if '/data/' in name:
            size = 8 if len(raw) == 8 else 4
            raw = np.frombuffer(raw, f'>i{size}').astype(f'<i{size}').tobytes()
        out[name] = order if name.endswith('byteorder') else raw
    return zipped(out)


def safetensors(tensors, dtype='F32'):
    header, blobs, at = {}, [], 0
    for key, tensor in tensors.items():
        raw = tensor.numpy().tobytes()
        header[key] = {'dtype': 'I64' if tensor.dtype == torch.int64 else dtype, 'shape': list(tensor.shape),
                       'data_offsets': [at, at + len(raw)]}
        blobs.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + b''.join(blobs)


def with_table(edit):
    """The plain checkpoint with another table of contents."""
    files = entries(PLAIN)
    name = next(n for n in files if n.endswith('data.pkl'))
    files[name] = edit(files[name])
    return zipped(files)


def item(key, code):
    """One more entry of the outermost dictionary, before its end: key, opcodes of the value, SETITEM."""
    text = key.encode()
    return lambda table: table[:-1] + b'X' + struct.pack('<I', len(text)) + text + code + b's.'


PLAIN = saved(base())

# As the original saves it, in every container, type and protocol.
write('plain.pth.tar', PLAIN)
write('own_storages.pth.tar', saved(base(state(separate=True))))
write('dataparallel.pth.tar', saved(base(state('module.'))))
for protocol in (1, 3, 4, 5):
    write(f'protocol_{protocol}.pth.tar', saved(base(), pickle_protocol=protocol))
LEGACY = saved(base(), _use_new_zipfile_serialization=False)
write('legacy.pth.tar', LEGACY)
for protocol in (1, 4):
    write(f'legacy_protocol_{protocol}.pth.tar', saved(base(), _use_new_zipfile_serialization=False, pickle_protocol=protocol))
write('legacy_big_endian_marker.pth.tar', LEGACY.replace(b'little_endianq\x02\x88', b'little_endianq\x02\x89'))
assert b'little_endianq\x02\x88' in LEGACY
write('big_endian.pth.tar', swapped(PLAIN))
for name, dtype in (('half', torch.float16), ('bfloat16', torch.bfloat16), ('double', torch.float64)):
    write(f'{name}.pth.tar', saved(base(state(dtype=dtype))))
S = state()
write('channels_last.pth.tar', saved(base({k: v.contiguous(memory_format=torch.channels_last) if v.ndim == 4 else v for k, v in S.items()})))
write('transposed.pth.tar', saved(base({k: v.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0) if v.ndim == 4 else v for k, v in S.items()})))
write('parameters.pth.tar', saved(base({k: torch.nn.Parameter(v) if v.ndim else v for k, v in S.items()})))
write('weights.safetensors', safetensors(S))

# Where scripts put the weights.
write('bare_state_dict.pth', saved(S))
write('state_dict.ckpt', saved({'state_dict': S, 'epoch': 1}))
write('params_nested.pth', saved({'checkpoint': {'params': S}, 'epoch': 1}))
write('one_dictionary_a_network.pth', saved(base({
    name: collections.OrderedDict((k.split('.', 1)[1], v) for k, v in S.items() if k.split('.')[0] == name)
    for name in dict.fromkeys(k.split('.')[0] for k in S)})))
write('lightning.ckpt', saved({
    'state_dict': collections.OrderedDict([*state('model.').items(), ('criterion.vgg.0.weight', torch.ones(2))]),
    'epoch': 1, 'global_step': 9, 'pytorch-lightning_version': '2.0', 'callbacks': {'a': {'path': pathlib.PurePosixPath('/x')}}}))
write('compile_of_dataparallel.pth.tar', saved(base(state('_orig_mod.module.net.'))))
write('compile_inside.pth.tar', saved(base(collections.OrderedDict((k.replace('.', '._orig_mod.', 1), v) for k, v in S.items()))))
write('ema_only.pth.tar', saved({'epoch': 1, 'ema_state_dict': S}))
write('ema_beside.pth.tar', saved(base(model_ema={'module': {k: v * 2 for k, v in state('module.').items()}})))
write('ema_inside.pth.tar', saved(base(collections.OrderedDict([*S.items(), *((k, v * 2) for k, v in state('ema.').items())]))))
thop = state()
for key in ('total_ops', 'total_params', 'img2normal_face.Conv1.total_ops'):
    thop[key] = torch.zeros(1, dtype=torch.float64)
write('thop.pth.tar', saved(base(thop)))
write('no_counters.pth.tar', saved(base(state(counters=False))))
write('whole_module.pth', saved(module(S)))
write('legacy_whole_module.pth', saved({'epoch': 1, 'net': module(S)}, _use_new_zipfile_serialization=False))

# Objects beside the weights.
write('args_namespace.pth.tar', saved(base(args=argparse.Namespace(lr=1e-3, gpus='0,1'))))
for protocol in (1, 2, 4, 5):
    write(f'objects_protocol_{protocol}.pth.tar', saved(base(**objects()), pickle_protocol=protocol))
write('legacy_objects.pth.tar', saved(base(**objects()), _use_new_zipfile_serialization=False))
write('old_opcodes.pth.tar', with_table(item('o', b'(' + b'itrainer.old\nArgs\n' + b'0(ctrainer.old\nArgs\nK\x01o0\x82\x05'
      + b'0I7\n0I01\n0L8L\n0F1.5\n0S\'a\'\n0V\\u00e9\n0p700\ng700\n0\x8f(K\x01\x900(K\x01\x910N')))
write('asks_to_run.pth.tar', with_table(item('x', b'cposix\nsystem\n(X\x04\x00\x00\x00exittR')))

# Around the file.
write('drive-download-20240101T000000Z-001.zip', zipped({'checkpoints/notes.txt': b'hi', 'checkpoints/ckpt.pth.tar': PLAIN}))
write('drive_deflated.zip', zipped({'2K2K/ckpt.pth.tar': PLAIN}, compression=zipfile.ZIP_DEFLATED))
zip64 = io.BytesIO()
with zipfile.ZipFile(zip64, 'w') as archive:
    with archive.open(zipfile.ZipInfo('a/ckpt.pth.tar'), 'w', force_zip64=True) as file:
        file.write(PLAIN)
write('drive_zip64.zip', zip64.getvalue())
write('two_in_one.zip', zipped({'a/other_model.pth': saved({'conv1.weight': torch.ones(2)}), 'a/last.pth': PLAIN}))
write('rezipped_deflated.zip', zipped(entries(PLAIN), compression=zipfile.ZIP_DEFLATED))
write('rezipped_two_levels.zip', zipped({'ckpt/' + k: v for k, v in entries(PLAIN).items()} | {'__MACOSX/ckpt/._data.pkl': b'\0\5\26\7'}))
write('really_a_tar.pth.tar', tarred({'ckpt/' + 'long' * 40 + '/ckpt.pth': PLAIN}))
write('tar_gz.pth.tar.gz', tarred({'ckpt.pth': PLAIN}, 'w:gz', compresslevel=9))
write('gz.pth.tar.gz', gzip.compress(PLAIN, 9, mtime=0))

# What is no checkpoint of this method, or a damaged one.
write('drive_warning.pth.tar', b'<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title></head><body/></html>')
write('sign_in.pth.tar', b'\xef\xbb\xbf\n<!-- a --><html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head></html>')
write('expired_link.pth.tar', b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>')
write('lfs_pointer.pth.tar', b'version https://git-lfs.github.com/spec/v1\noid sha256:' + b'0' * 64 + b'\nsize 934000000\n')
write('empty.pth.tar', b'')
write('cut_half.pth.tar', PLAIN[: len(PLAIN) // 2])
write('cut_zero_padded.pth.tar', PLAIN[: len(PLAIN) // 2] + bytes(len(PLAIN) - len(PLAIN) // 2))
write('all_zeros.pth.tar', bytes(5000))
write('legacy_cut.pth.tar', LEGACY[: len(LEGACY) * 3 // 4])
write('tar_cut.pth.tar', tarred({'ckpt.pth': PLAIN})[: len(PLAIN) // 2])
write('gz_cut.pth.tar.gz', gzip.compress(PLAIN, 9, mtime=0)[:20000])
write('seven_zip.pth.tar', b'7z\xbc\xaf\x27\x1c\x00\x04' + bytes(40))
write('rar.pth.tar', b'Rar!\x1a\x07\x01\x00' + bytes(40))
write('xz.pth.tar', lzma.compress(b'hello'))
write('bz2.pth.tar', bz2.compress(b'hello'))
write('onnx.pth', b'\x08\x08\x12\x07pytorch\x1a\x052.1.0:\x10\n\x0e\n\x01x\x12\x01y\x1a\x01n"\x04Conv')
write('keras.h5', b'\x89HDF\r\n\x1a\n' + bytes(100))
write('tensorflow.ckpt', bytes(range(1, 90)) + b'\x57\xfb\x80\x8b\x24\x75\x47\xdb')
write('photo.pth', b'\xff\xd8\xff\xe0\x00\x10JFIF' + bytes(50))
write('letter.pth', b'Dear all,\nplease find attached.\n')
write('pack_json.pth', b'{"schemaVersion": 1, "id": "mine"}')
write('numpy_arrays.npz', zipped({'a.npy': b'\x93NUMPY', 'b.npy': b'\x93NUMPY'}))
write('model_pack.zip', zipped({'mine/pack.json': b'{}', 'mine/weights.safetensors': b'x'}))
write('drive-download-20240101T000000Z-002.zip', zipped({'checkpoints/readme.txt': b'hi', 'checkpoints/photo.jpg': b'x'}))
write('empty.zip', zipped({}))
locked = bytearray(zipped({'a/ckpt.pth.tar': b'secret'}))
locked[6] |= 1
locked[locked.index(b'PK\x01\x02') + 8] |= 1
write('locked.zip', bytes(locked))
split = bytearray(zipped({'a/ckpt.pth.tar': b'part'}))
split[split.index(b'PK\x05\x06') + 4] = 2
write('split.zip', bytes(split))
write('other_model.pth', saved({'conv1.weight': torch.ones(2), 'bn1.weight': torch.ones(2), 'fc.bias': torch.ones(2), 'layer1.0.conv1.weight': torch.ones(2)}))
write('other_model.safetensors', safetensors({'unet.conv_in.weight': torch.ones(2)}))
write('no_tensors.pth', saved({'epoch': 3, 'args': argparse.Namespace(a=1)}))
write('numpy_weights.pth', saved(base({k: v.numpy()[:0] for k, v in list(S.items())[:3]})))
write('pickle_dump.pkl', pickle.dumps({'a': torch.ones(2)}, 4))
write('phase_one.pth.tar', saved(base(collections.OrderedDict((k, v) for k, v in S.items() if not k.startswith('refine.')))))
KEY = 'img2normal_face.Conv1.conv.0.weight'


def changed(key, tensor):
    return saved(base(collections.OrderedDict([*S.items(), (key, tensor)])))


write('nan_weight.pth.tar', changed(KEY, torch.full(S[KEY].shape, float('nan'))))
inf = S[KEY].clone()
inf[0, 0, 0, 1] = -float('inf')
write('inf_weight.pth.tar', changed(KEY, inf))
write('double_too_large.pth.tar', changed(KEY, torch.full(S[KEY].shape, 1e300, dtype=torch.float64)))
write('wrong_input.pth.tar', changed(KEY, torch.ones(4, 7, 3, 3)))
write('wrong_kernel.pth.tar', changed(KEY, torch.ones(4, S[KEY].shape[1], 5, 5)))
write('integer_weight.pth.tar', changed(KEY, torch.ones(S[KEY].shape, dtype=torch.int32)))
write('quantised_weight.pth.tar', changed(KEY, torch.quantize_per_tensor(torch.ones(S[KEY].shape), 0.1, 0, torch.qint8)))
write('extra_layer.pth.tar', changed('img2normal_face.Attention.weight', torch.ones(2)))
write('ninth_network.pth.tar', changed('img2normal_hair.Conv1.conv.0.weight', torch.ones(2)))
write('no_statistics.pth.tar', saved(base(collections.OrderedDict((k, v) for k, v in S.items() if 'running' not in k))))
write('no_shoe.pth.tar', saved(base(collections.OrderedDict((k, v) for k, v in S.items() if not k.startswith('img2normal_shoe')))))

if len(sys.argv) == 3 and sys.argv[1] == '--out':
    os.makedirs(sys.argv[2], exist_ok=True)
    for name, data in CASES.items():
        with open(os.path.join(sys.argv[2], name), 'wb') as file:
            file.write(data)
else:
    # Brotli with a window over all cases; Node has it built in, as the tests need.
    pack = """const zlib = require('zlib'), c = zlib.constants;
      process.stdout.write(zlib.brotliCompressSync(require('fs').readFileSync(0), { maxOutputLength: 2 ** 31,
        params: { [c.BROTLI_PARAM_QUALITY]: 9, [c.BROTLI_PARAM_LARGE_WINDOW]: 1, [c.BROTLI_PARAM_LGWIN]: 28 } }))"""
    packed = subprocess.run(['node', '-e', pack], input=zipped(CASES), stdout=subprocess.PIPE, check=True).stdout
    with open(os.path.join(HERE, 'cases.zip.br'), 'wb') as file:
        file.write(packed)
print(len(CASES), 'cases,', sum(map(len, CASES.values())), 'bytes')
