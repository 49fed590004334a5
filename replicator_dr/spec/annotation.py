"""The base of annotations that validate a field by a function of their own."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from replicator_dr.spec.distributions import plain


class Annotation:
    """Stands in ``Annotated[...]``: ``validate`` makes the field's value, ``json_schema`` describes what it takes."""

    @abstractmethod
    def validate(self, raw: Any, info: ValidationInfo) -> Any:
        """The value of the field; raises ``faults([...])`` with all that is wrong."""

    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of what the field takes."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.validate,
            serialization=core_schema.plain_serializer_function_ser_schema(plain),
            metadata={"pydantic_js_functions": [self._described]},
        )

    def _described(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.json_schema()
