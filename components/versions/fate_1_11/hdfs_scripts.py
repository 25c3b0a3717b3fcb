"""What runs inside the Hadoop images: bash, curl and Hadoop's own ``hdfs``, which is all they have."""

NAMENODE = """\
set -e
folder=$1
if ! compgen -G "$folder/current/fsimage_*" > /dev/null; then
  # Nothing but what a first start leaves that was interrupted: no file can have been stored yet.
  foreign=$(find "$folder" -type f -not -path '*/lost+found/*' -not -name VERSION -not -name seen_txid \\
    -not -name 'fsimage.ckpt*' -not -name in_use.lock -print -quit)
  if [ -n "$foreign" ]; then
    echo "$folder has no HDFS file system but other files ($foreign), and is not overwritten;" \\
      "give the name node an empty volume or its own" >&2
    exit 1
  fi
  echo "making the file system of $2 in $folder"
  hdfs namenode -format -force -nonInteractive -clusterId "$2"
fi
exec hdfs namenode
"""
"""Arguments: folder, name of the cluster."""

NAMENODE_PROBE = """\
status=$(curl -sf --max-time 8 "http://127.0.0.1:$1/jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus") || exit 1
case $status in *'"State" : "active"'*) exec 3<>"/dev/tcp/127.0.0.1/$2" ;; *) exit 1 ;; esac
"""
"""Arguments: HTTP port, port of calls."""

DATANODE_PROBE = """\
status=$(curl -sf --max-time 8 "http://127.0.0.1:$1/jmx?qry=Hadoop:service=DataNode,name=DataNodeInfo") || exit 1
case $status in *'ActorState\\":\\"RUNNING'*) ;; *) exit 1 ;; esac
"""
"""Argument: HTTP port."""

CHECK = """\
export HADOOP_ROOT_LOGGER=ERROR,console
name_node=$1 prefix=$2 seconds=$3 http=$4
host=${name_node#hdfs://}
host=${host%%:*}
file="$name_node$prefix/fate-check-$HOSTNAME-$RANDOM"
folder=$(mktemp -d)
said="$folder/said"
options="-D ipc.client.connect.max.retries=2 -D ipc.client.connect.max.retries.on.timeouts=2"
dfs() { hdfs dfs $options "$@"; }
head -c 1048576 /dev/urandom > "$folder/sent"

stores() {
  if [ -n "$prefix" ]; then dfs -mkdir -p "$name_node$prefix" > "$said" 2>&1 || return; fi
  dfs -put -f "$folder/sent" "$file" > "$said" 2>&1 || return
  dfs -cat "$file" 2> "$said" > "$folder/read" || return
  cmp "$folder/sent" "$folder/read" > "$said" 2>&1
}

asked() {
  # Over HTTP, which needs no second Java. A store of somebody else's may have its pages elsewhere.
  curl -sf --max-time 8 "http://$host:$http/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState"
}

fails() {
  state=$(asked || echo unknown)
  live=$(echo "$state" | sed -n 's/.*"NumLiveDataNodes" : \\([0-9]*\\).*/\\1/p')
  case "$state,$live" in
    unknown,*) cause="the name node does not show its state; look at its address and at its log" ;;
    *safeMode*) cause="the name node is in safe mode until the datanodes are back that have its blocks" ;;
    *,0) cause="no datanode has registered with the name node; look at their logs" ;;
    *) cause="a live datanode may be full, or its port 9866 closed to this container; look at their logs" ;;
  esac
  echo "HDFS at $name_node stores nothing: $reason" >&2
  echo "live datanodes: ${live:-unknown}; $cause" >&2
  exit 1
}

trap 'exit 143' TERM
until stores; do
  reason=$(grep -v -E '^(WARNING|SLF4J|[[:space:]]+at )' "$said" | tail -n 1)
  if [ "$SECONDS" -ge "$seconds" ]; then
    dfs -rm -f -skipTrash "$file" > "$said" 2>&1
    fails
  fi
  echo "waiting for HDFS at $name_node: $reason"
  sleep 2 & wait $!
done
dfs -rm -f -skipTrash "$file" > "$said" 2>&1
live=$(asked | sed -n 's/.*"NumLiveDataNodes" : \\([0-9]*\\).*/\\1/p')
echo "HDFS at $name_node stores: 1 MiB was written, read back and removed; live datanodes: ${live:-unknown}"
"""
"""Arguments: name node, path prefix (may be empty), seconds to try, port of the name node's pages."""
