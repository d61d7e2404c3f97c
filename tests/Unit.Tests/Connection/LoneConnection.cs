using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Makes a connection without a node around it, which would dial again meanwhile.</summary>
internal static class LoneConnection
{
    public static RespConnection Of(RespNodeOptions options, TellingObserver? observer = null) => new(
        1,
        new NodeContext("alone", options, ServerText.OfNoSecret),
        observer ?? new TellingObserver(static _ => { }),
        [],
        RequestFailure.None);
}
