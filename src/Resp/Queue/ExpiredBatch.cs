using System.Runtime.CompilerServices;

namespace Redlock.Fast.Resp;

/// <summary>Requests whose time is up, on the stack: any number of them can time out without allocating.</summary>
[InlineArray(32)]
internal struct ExpiredBatch
{
    private ReplySlot _first;
}
