"""What the four forms of an issue cost: seconds and memory, beside the same pages as HTML and JSON alone.

`python -m tests.bench.forms`: five regions of a made-up world, each as HTML, PDF, DOCX and JSON, and the Bureau page.
"""

import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "briefs"))

import issues
import typer

from briefs.build import build_bureau, build_scan
from briefs.docx import render_docx
from briefs.pdf import render_pdf
from briefs.render import content_hash, render_page, view_json

SECONDS, MEGABYTES = 10, 400


def main() -> int:
    """Print the figures; 1 when they miss what was set for two cores."""
    world = issues.world_issue()
    views = [*(build_scan(world, code) for code, _ in issues.REGIONS), build_bureau(world)]
    took = {"html": 0.0, "json": 0.0, "pdf": 0.0, "docx": 0.0}
    size = dict.fromkeys(took, 0)
    before = time.process_time()
    for view in views:
        digest = content_hash(view)
        for form, render in (
            ("html", lambda view: render_page(view).encode()),
            ("json", view_json),
            ("pdf", lambda view, digest=digest: render_pdf(view, content_hash=digest, as_of=world.as_of)),
            ("docx", lambda view, digest=digest: render_docx(view, content_hash=digest, as_of=world.as_of)),
        ):
            begun = time.perf_counter()
            size[form] += len(render(view))
            took[form] += time.perf_counter() - begun
    for form, seconds in took.items():
        typer.echo(f"{form:5}{seconds:7.2f} s {size[form] / 1e3:9,.0f} kB  {len(views)} pages")
    total, worked = sum(took.values()), time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ratio = total / (took["html"] + took["json"])
    typer.echo(f"all  {total:7.2f} s, {ratio:.0f} times HTML and JSON alone; at most {peak:.0f} MB")
    # On a machine with other work a clock tells more of that work; nearly all of this runs on one processor.
    typer.echo(f"     {worked:7.2f} s of processor time, {SECONDS} allowed; {MEGABYTES} MB allowed")
    return int(worked > SECONDS or peak > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
