namespace Grpc.Core;

/// <summary>The server that a <see cref="VerifyPeerCallback"/> is asked about.</summary>
public class VerifyPeerContext(string targetName, string peerPem)
{
    public string TargetName { get; } = targetName;

    public string PeerPem { get; } = peerPem;
}

/// <summary>Decides whether a server that passed the usual certificate checks is accepted.</summary>
public delegate bool VerifyPeerCallback(VerifyPeerContext context);
