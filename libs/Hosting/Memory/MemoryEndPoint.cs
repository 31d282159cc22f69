using System.Net;
using System.Net.Sockets;

namespace ModelGarden.Hosting.Memory;

/// <summary>A name that a service of this process listens on.</summary>
internal sealed class MemoryEndPoint(string name) : EndPoint
{
    public string Name { get; } = name;

    /// <summary>Kestrel tells its metrics of it.</summary>
    public override AddressFamily AddressFamily => AddressFamily.Unspecified;

    public override string ToString() => ServiceAddress.MemoryPrefix + Name;
}
