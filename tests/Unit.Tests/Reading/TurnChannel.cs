using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>A channel of which nothing is used but its turn of reading.</summary>
internal sealed class TurnChannel(Func<RespReadTurn?> turn) : RespChannel
{
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public override string Name => "turn";

    public override TimeProvider TimeProvider => Clock;

    public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request) => throw new NotSupportedException();

    public override string Describe(RequestFailure failure) => throw new NotSupportedException();

    internal override RespReadTurn? ReadTurn => turn();
}
