"""An explanation as tables and trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

if TYPE_CHECKING:
    from rich.console import Console

Plain = dict[str, Any]
_LONGEST = 68


def print_explanation(console: Console, told: Plain) -> None:
    """Print what the command found."""
    console.print(f"[bold]{escape(told['name'])}[/], seed {told['seed']}")
    console.print(_graph(told["graph"]))
    if told["graph"]["draws"]:
        console.print(_draws(told["graph"]["draws"]))
    console.print(_frame(told["frame"]))
    counted, frame = told["frame"]["draws"], told["frame"]
    console.print(
        f"draws of frame {frame['frame']}: {counted['numbers']} from {counted['streams']} streams, "
        f"{counted['ties']} values that follow others"
    )
    for name, found in (frame["facts"] or {}).items():
        console.print(f"came of it: {escape(name)} = {escape(_number(found))}", highlight=False)
    if frame["turned_down"]:
        told_down = ", ".join(f"{count} by {name}" for name, count in frame["turned_down"].items())
        console.print(f"drawn {frame['redraws'] + 1} times; turned down: {told_down}")
    if told["cost"] is not None:
        _print_cost(console, told["cost"])


def _graph(graph: Plain) -> Tree:
    root = Tree("graph")
    items = root.add(f"items ({len(graph['items'])})")
    for item in graph["items"]:
        count = f" x {item['count']}" if item["count"] > 1 else ""
        branch = items.add(f"{escape(item['name'])} [dim]{item['kind']}{count}[/]")
        for field, drawn in item["drawn"].items():
            branch.add(_field(field, drawn))
    for trigger in graph["triggers"]:
        name = f"{escape(trigger['name'])}: " if trigger["name"] else ""
        branch = root.add(f"{name}{trigger['when']}")
        for entry in trigger["entries"]:
            title = f"{entry['kind']} {escape(entry['name'])}" if entry["name"] else entry["kind"]
            below = branch.add(f"[bold]{title}[/] {escape(', '.join(entry['items']))}")
            for field, drawn in entry["fields"].items():
                below.add(_field(field, drawn))
    if graph["require"]:
        branch = root.add("require")
        for one in graph["require"]:
            branch.add(escape(f"{one['kind']}: {one['asks']}"))
    branch = root.add("images")
    for one in graph["render_products"]:
        branch.add(escape(f"{', '.join(one['cameras'])} {one['resolution']}"))
    if graph["writers"]:
        root.add(escape(f"writers: {', '.join(one['kind'] for one in graph['writers'])}"))
    return root


def _field(name: str, drawn: Plain) -> str:
    arrow = f" [cyan]<- {escape(', '.join(drawn['uses']))}[/]" if drawn["uses"] else ""
    return f"{escape(name)} [dim]{escape(_short(drawn['value']))}[/]{arrow}"


def _draws(draws: list[Plain]) -> Table:
    table = Table(title="shared draws", title_justify="left", box=None, pad_edge=False, header_style="bold")
    for heading in ("draw", "per", "value", "follows", "goes with", "feeds"):
        table.add_column(heading, overflow="fold")
    for draw in draws:
        cells = (draw["name"], draw["per"], _short(draw["value"]), ", ".join(draw["uses"]))
        table.add_row(*map(escape, (*cells, ", ".join(draw["correlated_with"]), ", ".join(draw["used_by"]))))
    return table


def _frame(frame: Plain) -> Table:
    title = f"frame {frame['frame']}" + (f", attempt {frame['redraws']}" if frame["turned_down"] else "")
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for heading in ("draw", "value", "from", "seed", "execution", "written as"):
        table.add_column(heading, overflow="fold")
    for value in frame["values"]:
        seed = "" if value["stream"] is None else str(value["stream"]["seed"])
        execution = str(value["execution"]) + (f", attempt {value['attempt']}" if value["attempt"] else "")
        why = value["from"] + (f": {', '.join(dict.fromkeys(value['branch']))}" if value["branch"] else "")
        why += f", with {', '.join(value['correlated_with'])}" if value["correlated_with"] else ""
        shown = _short(_number(value["value"]), 40)
        table.add_row(*map(escape, (value["name"], shown, why, seed, execution, _short(value["distribution"] or ""))))
    return table


def _number(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_number(part) for part in value)}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _print_cost(console: Console, cost: Plain) -> None:
    disk = "" if cost["bytes"] is None else f", {cost['bytes'] / 1e6:.1f} MB"
    console.print(f"[bold]{cost['frames']} frames: about {cost['seconds']:.0f} s{disk}[/]")
    console.print(escape(cost["how"]), style="dim")
