// What the programs of docs/credentials.md use of two SDKs, in their shape, so that the programs compile without them.
#pragma warning disable SA1402, SA1649

namespace Azure.Core
{
    internal readonly record struct TokenRequestContext(string[] Scopes);

    internal readonly record struct AccessToken(string Token, DateTimeOffset ExpiresOn);

    internal abstract class TokenCredential
    {
        public abstract ValueTask<AccessToken> GetTokenAsync(TokenRequestContext context, CancellationToken cancellationToken);
    }
}

namespace Amazon.Runtime
{
    internal sealed record ImmutableCredentials(string AccessKey, string SecretKey, string Token)
    {
        public bool UseToken => !string.IsNullOrEmpty(Token);
    }

    internal abstract class AWSCredentials
    {
        public abstract Task<ImmutableCredentials> GetCredentialsAsync();
    }
}

namespace Redlock.Fast.Tests
{
    internal interface ISecretStore
    {
        ValueTask<Redlock.Fast.Resp.RespCredentials> LoginAsync(string node, CancellationToken cancellationToken);
    }
}
