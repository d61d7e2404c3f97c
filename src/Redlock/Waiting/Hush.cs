using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>A subscription that is to be ended once no gate is held.</summary>
/// <param name="Node">On which node.</param>
/// <param name="Subscription">Which one; <c>default</c> for none.</param>
internal readonly record struct Hush(int Node, RespSubscription Subscription);
