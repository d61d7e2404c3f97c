using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Hands on what a connection, or the states of a node, would tell the node.</summary>
internal sealed class TellingObserver(Action<RespNodeState> onState) : IConnectionObserver
{
    public int Ready { get; private set; }

    public List<string> Endings { get; } = [];

    public bool LetsGo { get; init; }

    public bool HearsPushes { get; init; }

    public bool TakesPushes { get; init; }

    public int Pushes { get; private set; }

    public void OnReady() => Ready++;

    public void OnEnding(ConnectionEnd end) => Endings.Add(end.Text);

    public void OnState(RespNodeState state) => onState(state);

    public bool TryTakePush(in RespReply push)
    {
        Pushes++;
        return TakesPushes;
    }

    public bool MayLeave() => LetsGo;
}
