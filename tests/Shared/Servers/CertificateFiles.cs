using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Redlock.Fast.SharedTests;

// A certificate and its key as PEM files, for a server that reads files.
internal sealed class CertificateFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redlock-tls-");

    public CertificateFiles(X509Certificate2 certificate)
    {
        CertificatePath = Path.Combine(_folder.FullName, "certificate.pem");
        KeyPath = Path.Combine(_folder.FullName, "key.pem");
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
    }

    public string CertificatePath { get; }

    public string KeyPath { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}
