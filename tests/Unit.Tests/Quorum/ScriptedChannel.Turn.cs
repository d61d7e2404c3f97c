using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

// A node whose replies the calling thread may read.
internal sealed partial class ScriptedChannel
{
    public RespReadTurn? Turn { get; set; }

    internal override RespReadTurn? ReadTurn => Turn;
}
