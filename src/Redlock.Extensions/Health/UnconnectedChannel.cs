using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>A node that takes nothing: it is there to be counted.</summary>
internal sealed class UnconnectedChannel(string name) : RespChannel
{
    public override string Name => name;

    public override TimeProvider TimeProvider => MonotonicTime.Shared;

    public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request) => new(RequestFailure.NotConnected);

    public override string Describe(RequestFailure failure) => name;
}
