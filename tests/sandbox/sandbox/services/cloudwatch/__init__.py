"""Amazon CloudWatch: the metrics of desktops, in rpc-v2-cbor and JSON. Other operations are moto's,
as far as it speaks the caller's protocol."""

from ..service import Service
from .data import get_metric_data

SERVICE = Service(
    name="monitoring",
    model="cloudwatch",
    target="GraniteServiceVersion20100801",
    operations={"GetMetricData": get_metric_data},
    moto_has_the_rest=True,
)
