"""Command line: python -m statuette_training COMMAND. Every command names its inputs and fails with one sentence."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOM = Path(__file__).resolve().parents[1]

Run = Callable[[argparse.Namespace], None]
Command = Callable[[str, Run, str], argparse.ArgumentParser]


def _of(module: str, function: str) -> Run:
    """A function of another module, imported when its command is asked for: most take seconds to load."""
    return lambda a: getattr(import_module(f".{module}", __package__), function)(a)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="statuette_training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    for add in (_add_people, _add_training, _add_matte, _add_back, _add_measuring, _add_photographs, _add_scans,
                _add_packs):
        add(command)
    return parser


def _add_people(command: Command) -> None:
    """What is trained on."""
    p = command("pack-assets", _pack_assets, "pack the folder of building blocks into one file")
    p.add_argument("--humans", type=Path, help="folder of building blocks (default: the shared folder)")
    p.add_argument("--faces", type=Path, help="ict_face.npz (default: that of the folder faces beside --humans)")
    p.add_argument("--out", type=Path, default=ROOM / "data" / "humans.npz")

    p = command("pack-light", _pack_light, "pack environment maps into the environments that views are lit with")
    p.add_argument("maps", type=Path, help="npz, one linear RGB latitude-longitude map [h, w, 3] a name, row 0 up")

    p = command("generate", _generate, "make synthetic people and their views (resumable)")
    p.add_argument("--data", type=Path, default=ROOM / "data")
    p.add_argument("--first", type=int, default=0, help="first seed")
    p.add_argument("--people", type=int, default=100)
    p.add_argument("--views", type=int, default=3)
    p.add_argument("--full-every", type=int, default=8)
    p.add_argument("--coarse-only-from", "--low-only-from", type=int, default=1 << 30,
                   help="later people keep only the coarse arrays, 256 px a side")
    p.add_argument("--held-out", action="store_true", help="people whose clothes never occur in training")
    p.add_argument("--no-extras", action="store_true", help="nobody sits or has a bag, a belt or a cap")
    p.add_argument("--loose-hair", type=float, metavar="SHARE",
                   help="share of women (of men three tenths of it) with long loose hair; default .1, held out 0")
    p.add_argument("--simulated", type=float, default=0.0, metavar="SHARE",
                   help="share of people in simulated clothes and even fabrics; the others stay as they are without it")
    p.add_argument("--drapes", type=Path, help="folder where simulated clothes are kept, to be used again")
    p.add_argument("--views-a-look", type=int, default=2,
                   help="views of a drape before it gets other fabrics, skin and hair")
    p.add_argument("--device", help="where the pictures are made, e.g. cuda (default: by the C room, on a core)")
    p.add_argument("--worker", type=int, default=0)
    p.add_argument("--workers", type=int, default=1, help="makes people worker, worker + workers, ...")
    p.add_argument("--seconds", type=float, default=1e9)
    p.add_argument("--nice", type=int, default=0)
    p.add_argument("--quiet", action="store_true")

    p = command("show", _show, "pictures of random people (colour, normals front and back)")
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--people", type=int, default=6)
    p.add_argument("--simulated", action="store_true", help="in simulated clothes: colour, clay of all sides")
    p.add_argument("--drapes", type=Path, help="folder of kept drapes")
    p.add_argument("--out", type=Path, default=ROOM / "runs" / "people.png")


def _add_training(command: Command) -> None:
    """Training, on processors and on a GPU."""
    for name, text in (("train", "train on data that is already there"),
                       ("all", "generate, train both phases and evaluate, from nothing")):
        p = command(name, _train, text)
        p.add_argument("--data", type=Path, default=ROOM / "data")
        p.add_argument("--runs", type=Path, default=ROOM / "runs")
        p.add_argument("--minutes", type=float, required=True, help="training time in all, over all packs and calls")
        p.add_argument("--call-minutes", type=float, default=1e9, help="this call stops cleanly after so long")
        p.add_argument("--packs", default="starter",
                       help="comma-separated: starter, starter-large, processor-large, tiny")
        p.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
        p.add_argument("--threads", type=int, default=0)
        p.add_argument("--seed", type=int, default=1)
        p.add_argument("--out", type=Path, help="folder for small results (pieces of at most 15 MiB)")
        p.add_argument("--resume", type=Path, help="folder of such results to go on from")
        p.add_argument("--from", "--start-from", dest="start_from", type=Path, help="official checkpoint to go on from")
        p.add_argument("--await", dest="awaited", nargs="*", default=[], metavar="NETWORK=STATE",
                       help="networks that another run trains, taken when its first stage is finished")
        p.add_argument("--aligned", action="store_true", help="pad odd channels to eight (GPU, where `tune` says so)")
        p.add_argument("--plan", help="cpu, gpu, finetune, or a TOML file of your own; default: that of the device")
        p.add_argument("--tiny-steps", type=int, help="try everything with this many steps a stage, at a tiny size")
        p.add_argument("--steps", type=int, help="end every stage after so many steps (a smoke test at full size)")
        p.add_argument("--only", help="comma-separated stages to run, the others are skipped (fine-tuning)")
        p.add_argument("--batch", type=int, help="windows a step instead of the plan's: a wide network wants more")
        p.add_argument("--peak-rate", type=float, help="learning rate instead of the plan's: less for a short run that "
                                                       "goes on from good weights")
        p.add_argument("--evaluate-views", type=int, default=40)
        if name == "all":
            p.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
            p.add_argument("--people", type=int, default=18000)
            p.add_argument("--crop-people", type=int, default=3200, help="so many keep part crops, others coarse only")
            p.add_argument("--held-people", type=int, default=40)
            p.add_argument("--views", type=int, default=2)
            p.add_argument("--nice", type=int, default=0)

    p = command("session", _session,
                "both packs on one large GPU, in several processes side by side (see gpu_session.sh)")
    p.add_argument("--data", type=Path, default=ROOM / "data")
    p.add_argument("--runs", type=Path, default=ROOM / "runs" / "session")
    p.add_argument("--out", type=Path, required=True, help="folder for small results (pieces of at most 15 MiB)")
    p.add_argument("--minutes", type=float, default=8.0, help="of all networks but the fine depths, over all calls")
    p.add_argument("--fine-depth-minutes", type=float, default=1.0)
    p.add_argument("--call-minutes", type=float, default=1e9, help="this call stops cleanly after so long")
    p.add_argument("--from", dest="start_from", type=Path,
                   help="pack or checkpoint: networks of equal width start from it")
    p.add_argument("--resume", type=Path, help="folder of small results to go on from")
    p.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    p.add_argument("--extra", default="", help="more options of `train`, in one string")

    p = command("tune", _tune, "times training steps on a GPU; the last line is an option for `train`")
    p.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    p.add_argument("--tiny", action="store_true", help="small inputs: only whether it runs")


def _add_matte(command: Command) -> None:
    """The network that cuts the person out of the photo."""
    rooms = ROOM.parent.parent / "shared" / "light"
    p = command("matte-cutouts", _of("matte.cutouts", "cutouts_command"),
                "people with exact transparency, to compose photos from (resumable)")
    p.add_argument("--out", type=Path, default=ROOM / "data" / "matte" / "train")
    p.add_argument("--first", type=int, default=0, help="first seed")
    p.add_argument("--people", type=int, default=200)
    p.add_argument("--views", type=int, default=2)
    p.add_argument("--held-out", action="store_true", help="people whose clothes never occur in training")
    p.add_argument("--drapes", type=Path, help="folder of kept drapes: seeds that are there wear them")
    p.add_argument("--seconds", type=float, default=1e9)
    p.add_argument("--nice", type=int, default=0)

    p = command("matte-scenes", _of("matte.held", "held_command"),
                "held-out people before held-out rooms, for `npm run bench -- intake`")
    p.add_argument("--cutouts", type=Path, default=ROOM / "data" / "matte" / "held")
    p.add_argument("--rooms", type=Path, default=rooms, help="folder of latitude-longitude JPEGs")
    p.add_argument("--out", type=Path, default=ROOM / "data" / "matte" / "scenes")
    p.add_argument("--count", type=int, default=200)

    p = command("matte-train", _of("matte.train", "train_command"), "train the matte network (goes on where it was)")
    p.add_argument("--data", type=Path, default=ROOM / "data" / "matte", help="folder with train/ and held/")
    p.add_argument("--rooms", type=Path, default=rooms, help="folder of latitude-longitude JPEGs")
    p.add_argument("--body", type=Path, required=True, help="body.onnx, from `npx tsx cli/pose-graphs.ts DIR`")
    p.add_argument("--run", dest="run_folder", type=Path, default=ROOM / "runs" / "matte")
    p.add_argument("--minutes", type=float, required=True, help="over all calls")
    p.add_argument("--steps", type=int, help="end after so many (a smoke test)")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--nice", type=int, default=0)
    p.add_argument("--worker", type=int, help="one of several trainers beside each other: 0, 1, ...; see --scenes")
    p.add_argument("--scenes", type=int, help="only make so many scenes (from --seed) for such trainers")

    p = command("matte-export", _of("matte.export", "export_command"),
                "the trained matte network as matte.onnx of a pack, named in its pack.json")
    p.add_argument("--run", dest="run_folder", type=Path, default=ROOM / "runs" / "matte")
    p.add_argument("--body", type=Path, required=True)
    p.add_argument("--pack", type=Path, default=ROOM.parent / "public" / "packs" / "starter", help="folder of the pack")
    p.add_argument("--trained-on", required=True, help="what the decoder saw, for pack.json")
    p.add_argument("--by-default", action="store_true", help="used for every photo that nothing simpler cuts out")


def _add_back(command: Command) -> None:
    """The network that paints the far side."""
    p = command("back-pairs", _of("back.pairs", "pairs_command"), "fronts and what is behind them (resumable)")
    p.add_argument("--out", type=Path, default=ROOM / "data" / "back", help="gets train/ or held/")
    p.add_argument("--drapes", type=Path, help="folder of kept drapes; without --people all of them")
    p.add_argument("--first", type=int, default=0, help="first seed")
    p.add_argument("--people", type=int, help="so many seeds instead")
    p.add_argument("--held-out", action="store_true", help="people whose clothes never occur in training")
    p.add_argument("--looks", type=int, default=3, help="of a drape")
    p.add_argument("--views", type=int, default=2, help="of a look")
    p.add_argument("--worker", type=int, default=0)
    p.add_argument("--workers", type=int, default=1)
    p.add_argument("--nice", type=int, default=0)

    p = command("back-train", _of("back.train", "train_command"), "train the back network (goes on where it was)")
    p.add_argument("--data", type=Path, default=ROOM / "data" / "back", help="folder with train/ and held/")
    p.add_argument("--run", dest="run_folder", type=Path, default=ROOM / "runs" / "back")
    p.add_argument("--minutes", type=float, required=True, help="over all calls")
    p.add_argument("--steps", type=int, help="so many steps instead")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--nice", type=int, default=0)

    p = command("back-export", _of("back.train", "export_command"),
                "the trained back network as back.onnx of a pack, named in its pack.json")
    p.add_argument("--run", dest="run_folder", type=Path, default=ROOM / "runs" / "back")
    p.add_argument("--pack", type=Path, default=ROOM.parent / "public" / "packs" / "starter", help="folder of the pack")
    p.add_argument("--trained-on", required=True, help="what it saw, for pack.json")


def _add_measuring(command: Command) -> None:
    """How good it is."""
    p = command("evaluate", _of("evaluate", "evaluate_command"),
                "errors of a checkpoint on held-out views, beside plain baselines")
    p.add_argument("--data", type=Path, default=ROOM / "data" / "held", help="folder of views with whole pictures")
    p.add_argument("--weights", type=Path, nargs="*", default=[], help="official checkpoints or packs, one column each")
    p.add_argument("--no-baselines", dest="baselines", action="store_false")
    p.add_argument("--beside", type=Path, help="JSON of an earlier evaluation of the same views: its columns first")
    p.add_argument("--train", type=Path, help="folder of training views; adds the mean body as a baseline")
    p.add_argument("--views", type=int, default=60)
    p.add_argument("--no-mirror", dest="mirror", action="store_false", help="coarse depth asked once (reference mode)")
    p.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--out", type=Path, help="JSON with all numbers")
    p.add_argument("--pictures", type=Path, help="folder for pictures of the first views")
    p.add_argument("--picture-count", type=int, default=6)

    p = command("look", _of("look", "look_command"),
                "what weights see on a photo: clay of the merged normals, one column a set of weights")
    p.add_argument("photos", type=Path, nargs="+", help="pictures with NAME_keypoints.json beside them")
    p.add_argument("--weights", type=Path, nargs="+", required=True, help="checkpoints, states of a run, or packs")
    p.add_argument("--part", choices=("upper", "legs", "all"), default="upper")
    p.add_argument("--margin", type=float, default=150, help="pixels of the 2048 canvas around the part's keypoints")
    p.add_argument("--back", action="store_true", help="the far side, too")
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--out", type=Path, required=True, help="folder for one picture a photo")

    p = command("before-after", _before_after, "one picture of two folders of `evaluate --pictures`")
    p.add_argument("before", type=Path)
    p.add_argument("after", type=Path)
    p.add_argument("--count", type=int, default=6)
    p.add_argument("--height", type=int, default=250)
    p.add_argument("--out", type=Path, required=True)

    p = command("mesh-sheet", _mesh_sheet, "one picture of meshes from four sides, drawn by `npm run views`")
    p.add_argument("names", nargs="+", help="samples, as `evaluate-product` names them")
    p.add_argument("--samples", type=Path, default=ROOM / "runs" / "product" / "samples")
    p.add_argument("--views", type=Path, nargs="+", required=True, help="folders of NAME/clay_SIDE.png, one a pack")
    p.add_argument("--height", type=int, default=300)
    p.add_argument("--out", type=Path, required=True)

    p = command("mesh", _of("meshes", "compare_command"),
                "Chamfer and point-to-surface distance of a mesh to a ground-truth mesh or view")
    p.add_argument("mesh", type=Path)
    p.add_argument("truth", type=Path)
    p.add_argument("--samples", type=int, default=30000)
    p.add_argument("--metres-per-unit", type=float, default=1.0, help="of both files")
    p.add_argument("--align", action="store_true", help="remove scale and translation first (similarity, no rotation)")

    p = command("evaluate-product", _of("evaluate_product", "product_command"),
                "photo to mesh with our own app, over many held-out people, as a table")
    p.add_argument("--out", type=Path, default=ROOM / "runs" / "product")
    p.add_argument("--pack", type=Path, nargs="*", default=[], help="packs or checkpoints; the app's own when absent")
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--people", type=int, default=10)
    p.add_argument("--views", type=int, default=2)
    p.add_argument("--depth", type=int, default=9, help="octree depth of the surface")
    p.add_argument("--samples", type=int, default=30000, help="points on each surface")

    p = command("samples", _of("samples", "samples_command"),
                "held-out people as photos with keypoints and their true surface")
    p.add_argument("--out", type=Path, default=ROOM / "runs" / "samples")
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--people", type=int, default=6)
    p.add_argument("--views", type=int, default=1)
    p.add_argument("--room", action="store_true", help="a made-up room behind the person")


def _add_photographs(command: Command) -> None:
    """The sample photos of the page."""
    p = command("photographs", _of("photographs", "photographs_command"),
                "sample photos: people in simulated clothes in real places")
    p.add_argument("--cast", type=Path, default=Path(__file__).with_name("sample_cast.json"),
                   help="JSON: who stands where")
    p.add_argument("--candidates", type=Path, help="a sheet of people to choose from, instead")
    p.add_argument("--first", type=int, default=700)
    p.add_argument("--people", type=int, default=12)
    p.add_argument("--looks", type=int, default=3)
    p.add_argument("--maps", type=Path, default=ROOM.parents[1] / "shared" / "light")
    p.add_argument("--drapes", type=Path, default=ROOM / "data" / "held-drapes")
    p.add_argument("--out", type=Path, default=ROOM / "runs" / "photographs")


def _add_scans(command: Command) -> None:
    """A user's own data."""
    p = command("render", _of("scans", "render_command"), "render a user's own scans into the data-set folders")
    p.add_argument("--data", type=Path, required=True, help="root of the data set to write")
    p.add_argument("--scans", type=Path, required=True, help="folder of OBJ, PLY or GLB files")
    p.add_argument("--set", default="SCANS", help="name of the set inside the data folders")
    p.add_argument("--joints", type=Path, help="folder of NAME.json with joint3d and visible")
    p.add_argument("--yaw", type=int, nargs="*", default=[-30, -20, -10, 0, 10, 20, 30])
    p.add_argument("--up", choices=("y", "z"), default="y")
    p.add_argument("--seed", type=int, default=1)

    p = command("keypoints", _keypoints, "OpenPose JSON to the 31-row .npy table (canvas pixels)")
    p.add_argument("json", type=Path)
    p.add_argument("--size", type=int, nargs=2, required=True, metavar=("WIDTH", "HEIGHT"))
    p.add_argument("--out", type=Path)


def _add_packs(command: Command) -> None:
    """What comes out, for the app."""
    p = command("describe", _of("describe", "describe_command"),
                "the description of a pack (figures of an evaluation), for npm run import-checkpoint")
    p.add_argument("evaluation", type=Path, help="JSON of `evaluate --out`")
    p.add_argument("--column", required=True, help="name of the weights in it")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--id", default="starter")
    p.add_argument("--name", default="Starter")
    p.add_argument("--version", required=True)
    p.add_argument("--licence", default="CC0-1.0")
    p.add_argument("--training-data", required=True)
    p.add_argument("--note", default="", help="one more sentence for the accuracy note")

    p = command("mix", _of("mix", "mix_command"),
                "one set of weights out of several: some networks replaced by those of other files")
    p.add_argument("base", type=Path, help="official checkpoint (or state.pt of a run)")
    p.add_argument("--take", nargs="+", required=True, metavar="NETWORKS=FILE",
                   help="coarse-normals, coarse-depth, face, upper, arm, leg, foot, parts or fine-depth, "
                        "comma-separated")
    p.add_argument("--out", type=Path, required=True)

    p = command("widen", _of("widen", "widen_command"),
                "a wider pack that computes what a narrower one does, to go on training from")
    p.add_argument("base", type=Path, help="official checkpoint, state.pt of a run, or pack of the app")
    p.add_argument("--pack", default="starter-large", choices=("starter", "starter-large", "processor-large"))
    p.add_argument("--out", type=Path, required=True)

    p = command("unpack", _unpack, "small results of `all --out` to official checkpoints")
    p.add_argument("folder", type=Path)
    p.add_argument("--runs", type=Path, default=ROOM / "runs")


def _pack_light(a: argparse.Namespace) -> None:
    from .environments import PACKED, pack_light

    print(f"{pack_light(a.maps)} environments in {PACKED}")


def _pack_assets(a: argparse.Namespace) -> None:
    from .assets import FOLDERS, pack_assets

    folder = a.humans or next((f for f in FOLDERS if f.is_dir()), FOLDERS[0])
    faces = a.faces or folder.parent / "faces" / "ict_face.npz"
    if a.faces is None and not faces.is_file():
        print(f"no {faces}: people get the base mesh's own faces")
        faces = None
    path = pack_assets(folder, a.out, faces)
    print(f"{path} {path.stat().st_size / 1e6:.1f} MB")


def _generate(a: argparse.Namespace) -> None:
    from .dataset import DataPlan, generate

    if a.nice:
        os.nice(a.nice)
    plan = DataPlan(a.data, a.held_out, a.views, a.full_every, a.coarse_only_from,
                    extras=not a.no_extras, loose_hair=a.loose_hair, simulated=a.simulated, drapes=a.drapes,
                    views_a_look=a.views_a_look, device=a.device or "")
    n = generate(plan, a.first, a.people, a.seconds, a.worker, a.workers, a.quiet)
    print(f"{n} new views in {plan.directory}")


def _show(a: argparse.Namespace) -> None:
    from .pictures_of import draped_sheet, people_sheet

    a.out.parent.mkdir(parents=True, exist_ok=True)
    if a.simulated:
        draped_sheet(list(range(a.first, a.first + a.people)), a.out, drapes=a.drapes)
    else:
        people_sheet(a.first, a.people, a.out)
    print(a.out)


def _train(a: argparse.Namespace) -> None:
    from dataclasses import replace

    from .networks import AlignedConv, current_name
    from .train.awaited import awaited_networks
    from .train.pipeline import Settings, run_pipeline
    from .train.plan import load_plan, tiny_plan

    AlignedConv.aligned = a.aligned
    plan = load_plan(a.plan or ("gpu" if a.device == "cuda" else "cpu"))
    if a.tiny_steps:
        plan = tiny_plan(a.tiny_steps)
    if a.only:
        names = [current_name(name) for name in a.only.split(",")]
        unknown = set(names) - {s.name for s in plan.stages}
        if unknown:
            raise ValueError(f"no stage {sorted(unknown)[0]}: choose from {', '.join(s.name for s in plan.stages)}")
        kept = [s for s in plan.stages if s.name in names]
        total = sum(s.share for s in kept)
        plan = replace(plan, stages=tuple(replace(s, share=s.share / total) for s in kept))
    if a.batch:
        plan = replace(plan, stages=tuple(replace(s, batch=a.batch) for s in plan.stages))
    if a.peak_rate:
        plan = replace(plan, stages=tuple(replace(s, peak_rate=a.peak_rate) for s in plan.stages))
    if a.steps:
        plan = replace(plan, stages=tuple(replace(s, steps=a.steps) for s in plan.stages), fine_depth_views=12)
    making = a.command == "all"
    run_pipeline(Settings(
        a.data, a.runs, a.minutes, tuple(a.packs.split(",")), a.device, a.call_minutes, a.workers if making else 0,
        a.nice if making else 0, a.seed, a.people if making else 0, a.held_people if making else 0,
        a.views if making else 0, a.out, a.resume, a.start_from, a.threads, plan, a.evaluate_views,
        a.crop_people if making else 0, awaited_networks(a.awaited)))


def _session(a: argparse.Namespace) -> None:
    from .train.session import Session, run_session

    run_session(Session(a.data, a.runs, a.out, a.minutes, a.fine_depth_minutes, a.call_minutes, a.device, a.start_from,
                        a.resume, tuple(a.extra.split())))


def _tune(a: argparse.Namespace) -> None:
    import torch

    from .train.tuning import tune

    print("--aligned" if tune(torch.device(a.device), a.tiny) else "")


def _before_after(a: argparse.Namespace) -> None:
    from .pictures_of import before_after

    print(f"{a.out}: {before_after(a.before, a.after, a.count, a.out, a.height)} views")


def _mesh_sheet(a: argparse.Namespace) -> None:
    from .pictures_of import mesh_sheet

    mesh_sheet(a.samples, a.names, a.views, a.out, a.height)
    print(a.out)


def _keypoints(a: argparse.Namespace) -> None:
    import numpy as np

    from .keypoints import read_openpose

    table = read_openpose(a.json, *a.size)
    out = a.out or a.json.with_suffix(".npy")
    np.save(out, np.concatenate([table, np.ones((31, 1))], 1) * table.any(1, keepdims=True))
    print(out)


def _unpack(a: argparse.Namespace) -> None:
    from .networks import Model, widths_of
    from .train.checkpoint import read_portable, write_official

    for name, pack in read_portable(a.folder).items():
        model = Model(widths_of(pack["weights"]))
        model.load_state_dict(pack["weights"])
        path = a.runs / name / "weights.pth.tar"
        write_official(model, path)
        print(f"{path} (stage {pack['progress']['stage']})")


def main(arguments: list[str] | None = None) -> int:
    a = _parser().parse_args(arguments)
    try:
        a.run(a)
    except (ValueError, OSError, RuntimeError, TimeoutError) as error:
        print(f"{a.command}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
