using Amazon.Runtime;
using Azure.Core;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>The programs of docs/credentials.md, against what the SDKs make of the same.</summary>
public sealed class CredentialProgramTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_of_Entra_is_the_password_of_an_identity_until_it_ends()
    {
        RespNodeOptions options = ReadmeSnippets.OfEntra(new FixedCredential());
        RespCredentials credentials = await options.Credentials!("node", Token);
        Assert.Equal(("object-id", "of https://redis.azure.com/.default", _now), Parts(credentials));
    }

    // The signatures are those of the SDK for Python.
    [Theory]
    [InlineData("", "", "4f24a27d63cdc6eb9cca2eab654cc3d4d201cceee2deafaf6cdc4e356b5c0001")]
    [InlineData(
        "sess/ion+token==",
        "&X-Amz-Security-Token=sess%2Fion%2Btoken%3D%3D",
        "f88436a18635f974ecd6ce019280a18cc8817be9821097e80d00e82785f8e8d6")]
    public async Task A_token_of_Iam_is_a_signed_request(string session, string parameter, string signature)
    {
        RespNodeOptions options = ReadmeSnippets.OfIam(new FixedKeys(session), new ManualTimeProvider(_now));
        RespCredentials credentials = await options.Credentials!("node", Token);
        string request = "locks-cache/?Action=connect&User=worker&X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Feu-west-1%2Felasticache%2Faws4_request&X-Amz-Date=20260102T030405Z"
            + $"&X-Amz-Expires=900{parameter}&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}";
        Assert.Equal(("worker", request, _now + TimeSpan.FromHours(11)), Parts(credentials));
    }

    private static (string? User, string Password, DateTimeOffset End) Parts(RespCredentials credentials) =>
        (credentials.User, credentials.Password, credentials.ValidUntil!.Value);

    private sealed class FixedCredential : TokenCredential
    {
        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new AccessToken($"of {string.Join(' ', context.Scopes)}", _now));
    }

    private sealed class FixedKeys(string session) : AWSCredentials
    {
        public override Task<ImmutableCredentials> GetCredentialsAsync() =>
            Task.FromResult(new ImmutableCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", session));
    }
}
