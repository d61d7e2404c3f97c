namespace Redlock.Fast.Resp;

/// <summary>What a connection is entered with, and when that ends on the node's clock.</summary>
/// <param name="user">The user, or <c>null</c> for the default user.</param>
/// <param name="password">The password; <c>null</c> for a node that is entered without one.</param>
/// <param name="endTicks">When it ends.</param>
internal sealed class Login(string? user, string? password, long endTicks = Login.Never)
{
    public const long Never = long.MaxValue;

    /// <summary>For a node that asks for none.</summary>
    public static Login None { get; } = new(user: null, password: null);

    /// <summary>Whether there is anything to say.</summary>
    public bool IsSent => password is not null;

    public long EndTicks => endTicks;

    /// <summary>The command that enters the node, of a login that is sent.</summary>
    public string[] Command => user is null ? ["AUTH", password!] : ["AUTH", user, password!];
}
