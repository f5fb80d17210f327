"""JSON-RPC as clients really speak it: what they may ask when, and how their mistakes are answered.

pygls does the rest: it finds the handler of a message and sends its answer.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCRequestMessage, JsonRPCResponseMessage

from lsp_server.server.lenient import readable

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer

_Kind = TypeVar("_Kind")

_log = logging.getLogger(__name__)

_NOT_INITIALIZED = (types.ErrorCodes.ServerNotInitialized, "the first request must be initialize")
_INITIALIZED = (types.ErrorCodes.InvalidRequest, "initialize was sent before")
_SHUT_DOWN = (types.ErrorCodes.InvalidRequest, "after shutdown, only exit is expected")


class Protocol(LanguageServerProtocol):
    """pygls' protocol, but with our documents, an answer to every request, and an end without `sys.exit`."""

    _server: GrammaredServer
    _initialized = False

    def _register_builtin_features(self) -> None:
        super()._register_builtin_features()  # type: ignore[no-untyped-call]
        for method in (
            types.TEXT_DOCUMENT_DID_OPEN,
            types.TEXT_DOCUMENT_DID_CHANGE,
            types.TEXT_DOCUMENT_DID_CLOSE,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
            types.NOTEBOOK_DOCUMENT_DID_OPEN,
            types.NOTEBOOK_DOCUMENT_DID_CHANGE,
            types.NOTEBOOK_DOCUMENT_DID_CLOSE,
        ):
            del self.fm.builtin_features[method]  # our handlers take over: see `documents.Document`

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]
        """End the main loop, instead of the process: there is work to stop."""
        self._server.exit_code = 0 if self._shutdown else 1
        self._server.stopping.set()

    def receive(self, body: bytes | str) -> None:
        """Handle a message as it came. What is wrong with it is answered, or logged, in one line."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._refuse(None, types.ErrorCodes.ParseError, f"the message is not JSON: {error}")
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            number = message.get("id") if isinstance(message, dict) else None
            self._refuse(number, types.ErrorCodes.InvalidRequest, "the message is not JSON-RPC 2.0")
        elif "method" in message:
            self._receive_call(message)
        elif "id" in message:
            self._receive_answer(message)
        else:
            self._refuse(None, types.ErrorCodes.InvalidRequest, "the message has neither method nor id")

    def read(self, value: Any, kind: type[_Kind]) -> _Kind:
        """A JSON value as one of the protocol's types.

        Raises:
            JsonRpcInvalidParams: it is none.
        """
        try:
            return self._converter.structure(value, kind)
        except Exception as error:  # cattrs raises many types
            raise JsonRpcInvalidParams(_first_line(error)) from error

    def plain(self, value: Any) -> Any:
        """One of the protocol's objects as JSON."""
        return self._converter.unstructure(value)

    def _receive_call(self, message: dict[str, Any]) -> None:
        method, number = message["method"], message.get("id")
        is_request = "id" in message
        if not isinstance(method, str) or (is_request and not _is_id(number)):
            self._refuse(number, types.ErrorCodes.InvalidRequest, "method or id are of the wrong type")
            return
        if problem := self._out_of_turn(method):
            if is_request:
                self._refuse(number, *problem)
            return
        if not self._is_known(method):
            if is_request:
                self._refuse(number, types.ErrorCodes.MethodNotFound, f"unknown method {method}")
            return
        try:
            call = self._read(message, method, is_request)
        except Exception as error:  # cattrs raises many types
            reason = f"{method} cannot be understood: {_first_line(error)}"
            _log.warning("%s", reason)
            if is_request:
                self._refuse(number, types.ErrorCodes.InvalidParams, reason)
            else:
                self._server.not_understood(method, message.get("params"))
            return
        self._initialized |= method == types.INITIALIZE
        self.handle_message(call)

    def _receive_answer(self, message: dict[str, Any]) -> None:
        """An answer that cannot be read is an error to whoever waits for it."""
        number = message["id"]
        answer: Any
        if not isinstance(number, (str, int)) or number not in self._request_futures:
            return  # to nothing that we asked, or asked no more
        try:
            if "error" in message:
                answer = self._converter.structure(message, types.ResponseErrorMessage)
            else:
                kind = self._result_types.pop(number, None) or JsonRPCResponseMessage
                answer = self._converter.structure({"result": None, **message}, kind)
        except Exception as error:  # cattrs raises many types
            reason = f"the answer cannot be understood: {_first_line(error)}"
            problem = types.ResponseError(types.ErrorCodes.InvalidRequest.value, reason)
            answer = types.ResponseErrorMessage(id=number, error=problem)
        if not self._request_futures[number].done():
            self.handle_message(answer)

    def _read(self, message: dict[str, Any], method: str, is_request: bool) -> Any:
        params = message.get("params")
        kind = self.get_message_type(method)
        if kind is None:
            if is_request:
                return JsonRPCRequestMessage(message["id"], method, "2.0", params)
            return JsonRPCNotification(method, "2.0", params)
        message = {**message, "params": readable(method, params, self._converter)}
        try:
            return self._converter.structure(message, kind)
        except Exception:
            if params is not None:
                raise
            return self._converter.structure(
                {**message, "params": {}}, kind
            )  # `initialized` has none to give

    def _out_of_turn(self, method: str) -> tuple[types.ErrorCodes, str] | None:
        """Why a message cannot be handled now."""
        if method == types.EXIT:
            return None
        if self._shutdown:
            return _SHUT_DOWN
        if method == types.INITIALIZE:
            return _INITIALIZED if self._initialized else None
        return None if self._initialized else _NOT_INITIALIZED

    def _is_known(self, method: str) -> bool:
        return (
            method == types.CANCEL_REQUEST or method in self.fm.builtin_features or method in self.fm.features
        )

    def _refuse(self, number: Any, code: types.ErrorCodes, reason: str) -> None:
        """Answer with an error; what cannot be answered with its number is with none."""
        error = {"code": code.value, "message": reason}
        self._send_data({"jsonrpc": "2.0", "id": number if _is_id(number) else None, "error": error})


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _first_line(error: BaseException) -> str:
    """What went wrong in the innermost place, on one line."""
    while isinstance(inner := getattr(error, "exceptions", None), (list, tuple)) and inner:
        error = inner[0]
    return (f"{type(error).__name__}: {error}".splitlines() or [""])[0]
