"""The results as a picture: how fast each extractor is against how good its texts are."""

from pathlib import Path

from bench.extract.results import Results


def draw_plot(results: Results, path: Path) -> None:
    """Write the plot as SVG; the bare parse is the line that nothing built on it can pass. Needs matplotlib."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "icewire"  # the same results draw the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(11, 5), layout="constrained")
    for name, row in results["extractors"].items():
        speed = row["pages_per_cpu_s"]
        body = row["quality"].get("ALL", {}).get("body")
        if body is None:
            axes.axvline(speed, color="grey", linestyle=":", label=f"{name} {row['version']}: {speed:,.1f}")
        else:
            axes.scatter(speed, body["f1"], s=60, label=f"{name} {row['version']}: {speed:,.1f}, {body['f1']:.4f}")
    pages, load = results["pages"], results["load"]
    axes.set_xscale("log")
    axes.margins(x=0.1, y=0.15)
    axes.set_xlabel("pages per CPU second (logarithmic)")
    axes.set_ylabel("F1 of bodies, all pages")
    axes.set_title(
        f"{pages['count']:,} pages ({pages['set']}); load {load['before']:.1f} to {load['after']:.1f} on "
        f"{results['machine']['cores']} cores",
        fontsize="medium",
    )
    axes.grid(visible=True, which="both", alpha=0.25)
    figure.legend(loc="outside right upper")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
