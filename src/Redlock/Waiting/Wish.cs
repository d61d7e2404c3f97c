namespace Redlock.Fast;

/// <summary>A subscription that is to be begun once no gate is held.</summary>
/// <param name="Node">On which node.</param>
/// <param name="Channel">To what; <c>null</c> for none.</param>
/// <param name="Tag">Whose it is.</param>
internal readonly record struct Wish(int Node, byte[]? Channel, long Tag);
