using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>The turn of a connection whose thread stays away: whoever asks has it.</summary>
internal sealed class GrantedTurn(RespReadTurn turn) : RespReadTurn
{
    public override ReadSignal? Signal => turn.Signal;

    public override bool IsOver => turn.IsOver;

    public override bool TryTake() => true;

    public override void Begin() => turn.Begin();

    public override bool Poll(TimeSpan time) => turn.Poll(time);

    public override void Read() => turn.Read();

    public override void GiveBack(Unread unread) => turn.GiveBack(unread);
}
