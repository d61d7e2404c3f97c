namespace Redlock.Fast.Resp;

/// <summary>The right to read a channel's replies on the calling thread, for a caller that blocks for one of them.</summary>
internal abstract class RespReadTurn
{
    /// <summary>
    /// Reads and hands out replies, everybody's, until the caller's own has come; then gives the turn back, whatever happened.
    /// </summary>
    /// <param name="done">Set by the handler that the caller waits for.</param>
    /// <param name="deadlineTicks">When to stop reading all the same: a timestamp of the channel's clock.</param>
    public abstract void ReadUntil(ManualResetEventSlim done, long deadlineTicks);
}
