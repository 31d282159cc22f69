using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Contracts.V1;
using ModelGarden.Scanning;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Examination;

/// <summary>An examination that fails over a file is a verdict, and keeps no other file waiting.</summary>
public sealed class FailingScannerTests
{
    [Fact]
    public async Task Upload_ThatAnExaminerFailsOver_IsSuspiciousAndOthersAreNot()
    {
        var definition = ArtifactsModule.Definition;
        await using var garden = await StartWithAsync(
            [
                definition with
                {
                    Add = builder =>
                    {
                        definition.Add(builder);
                        builder.Services.AddSingleton<IFileScanner>(new ScannerOfShortFiles());
                    },
                },
            ],
            null,
            null);

        var failed = await garden.UploadAsync(Bytes(1000));
        var other = await garden.UploadAsync(Bytes(10));

        Assert.Equal((Verdict.Suspicious, "EXAMINER_FAILED"), (failed.Verdict, Assert.Single(failed.Findings).Rule));
        Assert.Equal(Verdict.Clean, other.Verdict);
    }

    /// <summary>Reads behind the end of what it has.</summary>
    private sealed class ScannerOfShortFiles : IFileScanner
    {
        public string Signature => "short-files/1";

        public Task<IReadOnlyList<Formats.Finding>> ScanAsync(Stream content, long length, CancellationToken cancellationToken)
        {
            var space = new byte[100];
            space[length - 1] = 1;
            return Task.FromResult<IReadOnlyList<Formats.Finding>>([]);
        }
    }
}
