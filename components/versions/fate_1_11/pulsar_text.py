"""Longer texts of the broker: settings that nobody chooses, and the programs that its container runs."""

from collections.abc import Mapping

STANDALONE: Mapping[str, str] = {
    # One bookie keeps every message once.
    "managedLedgerDefaultEnsembleSize": "1",
    "managedLedgerDefaultWriteQuorum": "1",
    "managedLedgerDefaultAckQuorum": "1",
    # One broker has nobody to share its load with.
    "loadManagerClassName": "org.apache.pulsar.broker.loadbalance.NoopLoadManager",
    "loadBalancerEnabled": "false",
    "allowLoopback": "true",
    "ledgerStorageClass": "org.apache.bookkeeper.bookie.storage.ldb.DbLedgerStorage",
    # A message counts as kept when the kernel has it: it outlives the broker, and a job outlives no host anyway.
    "journalSyncData": "false",
    "journalMaxGroupWaitMSec": "1",
    "flushInterval": "60000",
    "gcWaitTime": "300000",
    "diskUsageThreshold": "0.99",
    "diskUsageWarnThreshold": "0.99",
    "dbStorage_rocksDB_numLevels": "-1",
    "dbStorage_rocksDB_numFilesInLevel0": "4",
    "dbStorage_rocksDB_maxSizeInLevel1MB": "256",
    "bookkeeperClientHealthCheckEnabled": "true",
    "transactionMetadataStoreProviderClassName": (
        "org.apache.pulsar.transaction.coordinator.impl.InMemTransactionMetadataStoreProvider"
    ),
}
"""Pulsar's own ``standalone.conf`` where it differs from the broker's built-in defaults, as KubeFATE has it too."""

# Java becomes the first process, so that the stop signal reaches it; what runs beside it ends with the container.
START = """\
set -e
python3 -u -c "$@" &
exec /pulsar/bin/pulsar standalone -nss -nfw
"""

# A broker that has dialled a peer keeps to the address, whatever is written over it: the entry has to go, and topics
# that replicate to the peer have to be loaded again.
PEERS = """\
import json, sys, time, urllib.error, urllib.request
path, own, port = sys.argv[1:]
admin = "http://127.0.0.1:%s/admin/v2" % port
base = admin + "/clusters"
stale = set()
def ask(url, method="GET", data=None):
    body = None if data is None else json.dumps(data).encode()
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None
def differs(known, wanted):
    return any((known.get(key) or "") != value for key, value in wanted.items())
def redial():
    for tenant in ask(admin + "/tenants"):
        for name in ask(admin + "/namespaces/" + tenant):
            if name.count("/") > 1:
                continue
            if stale & set(ask(admin + "/namespaces/" + name + "/replication") or ()):
                ask(admin + "/namespaces/" + name + "/unload", "PUT")
    stale.clear()
def apply(table):
    known = set(ask(base))
    if own not in known:
        raise OSError("the broker is not up yet")
    for party in sorted(known | set(table["clusters"])):
        if party == own or not party.isdigit():
            continue
        default = {key: value.replace("@PARTY@", party) for key, value in table["default"].items()}
        wanted = table["clusters"].get(party, default)
        if party not in known:
            ask(base + "/" + party, "PUT", wanted)
        elif differs(ask(base + "/" + party), wanted):
            stale.add(party)
            ask(base + "/" + party, "DELETE")
            ask(base + "/" + party, "PUT", wanted)
        else:
            continue
        where = wanted["proxyServiceUrl"] or wanted["brokerServiceUrl"] or "no address"
        print("fate: the broker of party", party, "is now at", where, flush=True)
    if stale:
        redial()
applied, said = None, None
while True:
    time.sleep(2)
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text != applied:
            apply(json.loads(text))
            applied, said = text, None
    except (OSError, ValueError) as error:
        if applied is not None and str(error) != said:
            said = str(error)
            print("fate: the peers of this broker could not be brought up to date:", said, flush=True)
"""

PROBE = """\
ask() {
    exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
    printf 'GET /admin/v2/%s HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' "$2" >&3
    read -r _ code _ <&3 || return 1
    exec 3>&-
    [ "$code" = 200 ]
}
ask "$1" brokers/ready && ask "$1" "clusters/$2"
"""
