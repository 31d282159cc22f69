using ModelGarden.Formats.Known;

namespace ModelGarden.Formats.Tests;

public sealed class KnownTests
{
    [Fact]
    public void Tables_HaveEachIdOnce()
    {
        Assert.Distinct(PipelineTags.All.Select(tag => tag.Id));
        Assert.Distinct(Libraries.All.Select(library => library.Id));
        Assert.Distinct(KnownLicenses.All.Select(license => license.Id));
        Assert.True(PipelineTags.All.Count > 50 && Libraries.All.Count > 80 && KnownLicenses.All.Count > 70);
    }

    [Fact]
    public void Find_KnownId_GivesItsNames()
    {
        Assert.Equal(new PipelineTag("text-to-3d", "Text to 3D", Modality.Vision), PipelineTags.Find("text-to-3d"));
        Assert.Equal("scikit-learn", Libraries.Find("sklearn")?.Name);
        Assert.Equal("Apache-2.0", KnownLicenses.Find("apache-2.0")?.Spdx);
    }

    [Fact]
    public void Find_UnknownId_GivesNothing()
    {
        Assert.Null(PipelineTags.Find("nothing"));
        Assert.Null(Libraries.Find("nothing"));
        Assert.Null(KnownLicenses.Find("nothing"));
    }
}
