using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

// A private authority of one test, and certificates signed by it.
internal sealed class TestCertificates : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly List<X509Certificate2> _made = [];
    private byte _serial;

    public TestCertificates(string authority = "Test authority")
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={authority}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Authority = request.CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30));
        _made.Add(Authority);
    }

    public X509Certificate2 Authority { get; }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public X509Certificate2 Server(string name) => Issue(name, ServerUse, Now.AddDays(1));

    public X509Certificate2 ExpiredServer(string name) => Issue(name, ServerUse, Now.AddDays(-1));

    public X509Certificate2 EarlyServer(string name) => Issue(name, ServerUse, Now.AddDays(20), Now.AddDays(10));

    public X509Certificate2 Client(string name) => Issue(name, ClientUse, Now.AddDays(1));

    public void Dispose()
    {
        foreach (X509Certificate2 certificate in _made)
        {
            certificate.Dispose();
        }
    }

    private X509Certificate2 Issue(string name, string use, DateTimeOffset end, DateTimeOffset? start = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        using X509Certificate2 signed = request.Create(Authority, start ?? Now.AddDays(-20), end, [1, ++_serial]);
        X509Certificate2 certificate = signed.CopyWithPrivateKey(key);
        _made.Add(certificate);
        return certificate;
    }
}
