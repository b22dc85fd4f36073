"""The MQTT library's client, made to tell when what the broker sends has ended its thread."""

from collections.abc import Callable

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode


class MqttClient(paho.Client):
    """MQTT 5, without connecting again by itself. What a broker sends need not be MQTT, and then paho falls silent."""

    def __init__(self, client_id: str, *, broke_off: Callable[[Exception], None]) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv5, reconnect_on_failure=False)
        self._broke_off = broke_off

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:
        """What paho's thread runs."""
        try:
            return super().loop_forever(timeout, retry_first_connection)
        except Exception as error:  # noqa: BLE001  # whatever it was, it came from the broker
            self._broke_off(error)
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
