#!/usr/bin/env bash
# Adds this repository's shared-memory transport to a checkout of the peer harness, as the peer "omnisight":  benchmarks/peers/add.sh HARNESS
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
harness=${1:?the directory of the harness}
cp "$root/benchmarks/peers/Omnisight/ShmPeer.cs" "$harness/dotnet/Peers/OmnisightPeer.cs"
python3 - "$root" "$harness" <<'PY'
import sys

root, harness = sys.argv[1:]

def change(name, before, after):
    with open(f"{harness}/{name}") as file:
        text = file.read()
    if after in text:
        return
    if before not in text:
        sys.exit(f"{name} has no '{before}' to add the peer beside")
    with open(f"{harness}/{name}", "w") as file:
        file.write(text.replace(before, after, 1))

change("dotnet/Peers/Peers.csproj", "</Project>", f"""  <ItemGroup>
    <ProjectReference Include="{root}/plugins/Transport.Shm/Transport.Shm.csproj" />
    <ProjectReference Include="{root}/src/Omnisight.Abstractions/Omnisight.Abstractions.csproj" />
  </ItemGroup>
</Project>""")
change("dotnet/Peers/Program.cs", '    case "netmq"', """    case "omnisight": return Driver.Run(o, (a, t) => new OmnisightPub(t, a.Size), (a, t) => new OmnisightSub(t, a.Size));
    case "netmq\"""")
change("bench.py", " 'py-seed': dict", " 'omnisight': net('omnisight'),\n 'py-seed': dict")
change("bench.py", "PLAN.update({", "PLAN.update({'omnisight': ALL + ['hotpub'], ")
change("bench.py", "glob.glob('/dev/shm/peers_*'):", "glob.glob('/dev/shm/peers_*') + glob.glob('/dev/shm/.peers_*') + glob.glob('/dev/shm/sem.peers_*'):")
change("summarize.py", "p in ('netmq-tcp',", "p in ('omnisight', 'netmq-tcp',")
PY
