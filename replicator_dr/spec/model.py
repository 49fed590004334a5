"""The base of every model of the language, and the faults that its validators report.

A fault travels through pydantic as an error of type ``fault`` with its message and hint, so that nested validation
keeps the path of each; :mod:`replicator_dr.spec.diagnostics` turns them into positions in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

from replicator_dr.spec.suggest import did_you_mean
from replicator_dr.spec.wording import worded

Location = tuple[int | str, ...]


def fault(
    message: str, hint: str = "", at: Location = (), on_key: bool = False, value: object = None
) -> InitErrorDetails:
    """One fault below the value that is being validated.

    at: the path from that value, such as ``("uniform", 1)``. on_key: point at the key rather than at its value.
    """
    context = {"message": message, "hint": hint, "on_key": on_key}
    return InitErrorDetails(type=PydanticCustomError("fault", "{message}", context), loc=at, input=value)


def faults(details: Iterable[InitErrorDetails], title: str = "spec") -> ValidationError:
    """The error that carries several faults through pydantic; ``raise`` it in any validator."""
    return ValidationError.from_exception_data(title, list(details))


def moved(problem: InitErrorDetails, prefix: Location) -> InitErrorDetails:
    """A fault with a path in front of its own."""
    return InitErrorDetails(type=problem["type"], loc=(*prefix, *problem.get("loc", ())), input=problem["input"])


def reworded(details: ErrorDetails, prefix: Location = ()) -> InitErrorDetails:
    """One of pydantic's own errors in this project's words, or a fault unchanged, with its path below ``prefix``."""
    if details["type"] == "fault":
        context: Mapping[str, Any] = details["ctx"]
        message, hint, on_key = context["message"], context["hint"], context["on_key"]
    else:
        message, hint = worded(details)
        on_key = False
    return fault(message, hint, at=(*prefix, *details["loc"]), on_key=on_key, value=details["input"])


def below(error: ValidationError, *prefix: int | str) -> list[InitErrorDetails]:
    """The faults of an error of nested validation, with the path of the nested value in front."""
    return [reworded(details, prefix) for details in error.errors(include_url=False)]


def _numbers_only(schema: Any) -> None:
    """Make all numbers below a schema strict: as in YAML, ``"3"``, ``1_000`` and ``true`` are none; 3.0 is whole."""
    for below_it in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(below_it, (dict, list, tuple)):
            _numbers_only(below_it)
    if isinstance(schema, dict) and schema.get("type") in ("int", "float"):
        strict = {**schema, "strict": True}
        if schema["type"] == "int":
            strict = dict(no_info_before_validator_function(_whole, cast(CoreSchema, strict)))
        schema.clear()
        schema.update(strict)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Model(BaseModel):
    """A frozen model whose unknown fields are faults with a "did you mean", reported beside all other faults."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", protected_namespaces=(), use_attribute_docstrings=True, allow_inf_nan=False
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic's schema, in which texts, true and false are no numbers."""
        schema = handler(source)
        _numbers_only(schema)
        return schema

    @model_validator(mode="wrap")
    @classmethod
    def _report_everything(cls, data: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            message = f"expected a mapping of fields, got {shown(data)}"
            raise faults([fault(message, f"fields: {listed(cls)}", value=data)])
        known = {field.alias or name for name, field in cls.model_fields.items()}
        found: list[InitErrorDetails] = []
        mistyped: set[str] = set()
        for key in data:
            if key not in known:
                guess = did_you_mean(str(key), known)
                mistyped.update(guess.names)
                hint = guess.text or f"fields: {listed(cls)}"
                found.append(fault("unknown field", hint, at=(str(key),), on_key=True, value=data[key]))
        try:
            result = handler({key: value for key, value in data.items() if key in known})
        except ValidationError as error:
            # A required field that was mistyped is reported once, as the typo that it is.
            found += [
                reworded(details)
                for details in error.errors(include_url=False)
                if not (details["type"] == "missing" and details["loc"][-1] in mistyped)
            ]
        if found:
            raise faults(found, cls.__name__)
        return result


def listed(model: type[BaseModel]) -> str:
    """The fields of a model as one line of text, in the order in which they are declared."""
    return ", ".join(field.alias or name for name, field in model.model_fields.items())


def shown(value: object) -> str:
    """A value as a message shows it: short, and in YAML's terms rather than Python's."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "an empty list"
    text = repr(str(value)) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
